package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import java.time.ZoneOffset;
import java.util.Arrays;

/** What a fuzzer calls with each input: the first byte chooses a place of a stranger's text, or the whole line. */
public final class ParserFuzzer {
    private static final HostileField[] FIELDS = HostileField.values();

    private final PostfixLogParser running = Lines.parser();

    private static final ParserFuzzer FUZZER = new ParserFuzzer();

    private ParserFuzzer() {}

    /** The name is the fuzzer's convention. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length > 0) {
            int choice = input[0] & 0xFF;
            byte[] rest = Arrays.copyOfRange(input, 1, input.length);
            if (choice < FIELDS.length) {
                FIELDS[choice].holds(HostileField.printable(rest));
            } else {
                FUZZER.wholeLine(rest);
            }
        }
    }

    /** Any bytes are an event, the same one whatever the parser read before and wherever in a buffer the line stands. */
    private void wholeLine(byte[] line) {
        byte[] padded = new byte[line.length + 7];
        Arrays.fill(padded, (byte) 'x');
        System.arraycopy(line, 0, padded, 3, line.length);
        byte[] before = padded.clone();
        MailEvent first = Lines.parser().parse(line, 0, line.length, Lines.origin(Lines.READ_AT));
        MailEvent second = Lines.parser().parse(padded, 3, line.length, Lines.origin(Lines.READ_AT));
        MailEvent third = running.parse(line, 0, line.length, Lines.origin(Lines.READ_AT));
        PostfixLogParser.ofArchive(ZoneOffset.ofHours(-5), null)
                .parse(line, 0, line.length, Lines.origin(Lines.READ_AT));
        assertThat(padded).isEqualTo(before);
        assertThat(second).isEqualTo(first);
        if (first.getSyslogName() != null) {
            assertThat(third).isEqualTo(first);
        }
        assertThat(first.getHostId()).isEqualTo("mx1");
        assertThat(first.getOccurredAt()).isBeforeOrEqualTo(Lines.READ_AT.plusSeconds(300));
    }
}
