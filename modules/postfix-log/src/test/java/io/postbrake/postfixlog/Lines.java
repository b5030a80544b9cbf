package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneOffset;

final class Lines {
    static final Instant READ_AT = Instant.parse("2024-05-09T22:30:00Z");

    private Lines() {}

    static MailEvent line(String line) {
        return line(line, READ_AT);
    }

    static MailEvent line(String line, Instant readAt) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return new PostfixLogParser(ZoneOffset.UTC, null).parse(bytes, 0, bytes.length, origin(readAt));
    }

    static MailEvent message(String service, String text) {
        return line("May  9 22:12:21 mx postfix/" + service + "[7]: " + text);
    }

    static PostfixLogParser parser() {
        return new PostfixLogParser(ZoneOffset.UTC, null);
    }

    static PostfixLogParser fixed(int year) {
        return new PostfixLogParser(ZoneOffset.UTC, Year.of(year));
    }

    static LineOrigin origin(Instant readAt) {
        return new LineOrigin("mx1", "file-1", 0, 42, readAt);
    }
}
