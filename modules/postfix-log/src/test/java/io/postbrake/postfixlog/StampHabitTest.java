package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.postfixlog.envelope.Envelopes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the lines of a log have stamps, a line without one is text that somebody let begin a line. */
class StampHabitTest {
    private static final Instant READ_AT = Instant.parse("2026-11-28T12:00:00Z");
    private static final String BARE = "postfix/smtpd[7]: connect from x[192.0.2.66]";

    /** The first hundred lines settle it: so many of them with a stamp, the others without. */
    @ParameterizedTest
    @CsvSource({
        "100, 0, not_postfix",
        "95, 5, not_postfix",
        "99, 0, connect",
        "90, 10, connect",
        "0, 100, connect",
    })
    void aLineWithoutAStampIsReadWhereThatIsUsual(int stamped, int bare, String kind) {
        for (String envelopes : new String[] {"auto", "none"}) {
            PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null, Envelopes.of(envelopes));
            settle(parser, "%s", stamped, bare);

            assertThat(kind(parser, BARE)).as(envelopes).isEqualTo(kind);
            assertThat(kind(parser, "Nov 28 09:12:41 mx " + BARE)).isEqualTo("connect");
        }
    }

    /** A container in which another program prints what strangers say, line ends and all. */
    @ParameterizedTest
    @CsvSource({"100, 0, not_postfix", "0, 100, connect"})
    void soItIsWithinAWrapping(int stamped, int bare, String kind) {
        String docker = "{\"log\":\"%s\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-28T09:12:41.1Z\"}";
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
        settle(parser, docker, stamped, bare);

        assertThat(kind(parser, docker.formatted(BARE))).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({"100, 0, not_postfix", "0, 100, connect"})
    void andBehindAContainersName(int stamped, int bare, String kind) {
        String syslog = "Nov 28 09:12:41 node docker/mail[1]: %s";
        PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, null);
        settle(parser, syslog, stamped, bare);

        assertThat(kind(parser, syslog.formatted(BARE))).isEqualTo(kind);
    }

    private static void settle(PostfixLogParser parser, String around, int stamped, int bare) {
        for (int i = 0; i < bare; i++) {
            assertThat(kind(parser, around.formatted(BARE))).isEqualTo("connect");
        }
        for (int i = 0; i < stamped; i++) {
            assertThat(kind(parser, around.formatted("Nov 28 09:12:41 mx " + BARE)))
                    .isEqualTo("connect");
        }
    }

    private static String kind(PostfixLogParser parser, String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        String kind =
                parser.parse(bytes, 0, bytes.length, Lines.origin(READ_AT)).getKind();
        return kind.equals("unparsed") ? "not_postfix" : kind;
    }
}
