package io.postbrake.dovecotlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;

/** Reads lines without their header. */
final class Read {
    private static final Set<String> OF_THE_HEADER = Set.of(
            "hostId", "sourceId", "generation", "position", "occurredAt", "readAt", "clamped", "repeats", "syslogName");

    private Read() {}

    /** A line of a log file of Dovecot's own; null when it says nothing of a login. */
    static MailEvent ownLog(String line) {
        int colon = line.indexOf(": ");
        String process = line.substring(0, colon);
        return read(line, process.indexOf(' ') < 0 ? process : "auth(", colon + 2);
    }

    /** The same line as syslog has it behind the program. */
    static MailEvent syslog(String line) {
        return read(line.replaceFirst(": (Info|Error|Warning): ", ": "), "dovecot", 0);
    }

    private static MailEvent read(String text, String program, int textAt) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var line = new Line();
        line.set(bytes, 0, bytes.length);
        var event = new MailEvent();
        return new DovecotLines(line).read(event, program, 0, textAt) ? event : null;
    }

    static List<String> fields(MailEvent event) {
        if (event == null) {
            return List.of("?");
        }
        return MailEvent.getClassSchema().getFields().stream()
                .filter(field -> !OF_THE_HEADER.contains(field.name()))
                .filter(field -> event.get(field.pos()) != null)
                .map((Schema.Field field) -> field.name() + "=" + event.get(field.pos()))
                .toList();
    }
}
