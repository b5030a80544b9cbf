package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a line is framed: see {@code frames.txt}. */
class FramesTest {
    private static final Instant READ_AT = Instant.parse("2024-05-10T22:30:00Z");

    @ParameterizedTest(name = "{0}")
    @MethodSource("frames")
    void theHeaderIsRead(String text, String header) {
        byte[] line = text.getBytes(StandardCharsets.UTF_8);
        PostfixLogParser parser = Lines.parser();

        MailEvent e = parser.parse(line, 0, line.length, Lines.origin(READ_AT));

        assertThat(Stream.of(
                                parser.framed() ? e.getOccurredAt() : "-",
                                said(e.getLoggedHost()),
                                said(e.getSyslogName()),
                                said(e.getService()),
                                said(e.getPid()),
                                e.getKind(),
                                "x" + e.getRepeats())
                        .map(Object::toString)
                        .toList())
                .isEqualTo(List.of(header.split(" ")));
        if (e.getKind().equals("connect")) {
            assertThat(e.getClientIp()).isEqualTo("192.0.2.1");
        }
    }

    static Stream<Arguments> frames() throws IOException {
        List<Arguments> frames = new ArrayList<>();
        String line = null;
        try (InputStream in = FramesTest.class.getResourceAsStream("/frames.txt")) {
            for (String row : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (row.startsWith("    ")) {
                    frames.add(Arguments.of(line, row.strip()));
                }
                line = row;
            }
        }
        return frames.stream();
    }

    private static Object said(Object value) {
        return value == null ? "-" : value;
    }

    /** The hour from 2 to 3 of 2024-10-27 came twice in Berlin: first at +02:00, then at +01:00. */
    @Test
    void theHourThatComesTwiceGoesOn() {
        assertThat(times(
                        "Europe/Berlin",
                        2024,
                        "Oct 27 01:59:00",
                        "Oct 27 02:10:00",
                        "Oct 27 02:09:58",
                        "Oct 27 02:59:59",
                        "Oct 27 02:00:01",
                        "Oct 27 02:30:00",
                        "Oct 27 03:00:00"))
                .containsExactly(
                        "2024-10-26T23:59:00Z",
                        "2024-10-27T00:10:00Z",
                        "2024-10-27T00:09:58Z",
                        "2024-10-27T00:59:59Z",
                        "2024-10-27T01:00:01Z",
                        "2024-10-27T01:30:00Z",
                        "2024-10-27T02:00:00Z");
    }

    @Test
    void theHourThatIsMissingIsTheNext() {
        assertThat(times("Europe/Berlin", 2024, "Mar 31 01:59:59", "Mar 31 02:30:00", "Mar 31 03:00:00"))
                .containsExactly("2024-03-31T00:59:59Z", "2024-03-31T01:30:00Z", "2024-03-31T01:00:00Z");
    }

    /** A step back of half a year is a new year; one ahead over New Year is a clock that was set back. */
    @Test
    void aLogGoesOverNewYearsAndALeapDay() {
        assertThat(times(
                        "Z",
                        2022,
                        "Dec 31 23:59:59",
                        "Jan  1 00:00:00",
                        "Jul  1 00:00:00",
                        "Dec 31 23:59:59",
                        "Jan  1 00:00:01",
                        "Dec 31 23:59:58",
                        "Jan  1 00:00:02",
                        "Feb 28 23:59:59",
                        "Feb 29 00:00:00",
                        "Mar  1 00:00:00"))
                .containsExactly(
                        "2022-12-31T23:59:59Z",
                        "2023-01-01T00:00:00Z",
                        "2023-07-01T00:00:00Z",
                        "2023-12-31T23:59:59Z",
                        "2024-01-01T00:00:01Z",
                        "2023-12-31T23:59:58Z",
                        "2024-01-01T00:00:02Z",
                        "2024-02-28T23:59:59Z",
                        "2024-02-29T00:00:00Z",
                        "2024-03-01T00:00:00Z");
    }

    private static List<String> times(String zone, int year, String... stamps) {
        PostfixLogParser parser = PostfixLogParser.ofArchive(ZoneId.of(zone), Year.of(year));
        List<String> times = new ArrayList<>();
        for (String stamp : stamps) {
            byte[] line = (stamp + " mx postfix/qmgr[1]: 4B35D0A1: removed").getBytes(StandardCharsets.UTF_8);
            times.add(parser.parse(line, 0, line.length, Lines.origin(READ_AT))
                    .getOccurredAt()
                    .toString());
        }
        return times;
    }
}
