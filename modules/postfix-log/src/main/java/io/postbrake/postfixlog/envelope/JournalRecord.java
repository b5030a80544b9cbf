package io.postbrake.postfixlog.envelope;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What one record of the journal says of a line, while its fields are read one by one. */
final class JournalRecord {
    private final JournalGate gate;
    private final Pieces message = new Pieces();
    private boolean hasMessage;
    private long millis;
    private long syslogPid;
    private long pid;
    private @Nullable String host;
    private @Nullable String identifier;
    private long uid;
    private @Nullable String containerId;
    private boolean unfinished;
    private boolean piece;

    JournalRecord(JournalRule rule) {
        gate = new JournalGate(rule);
    }

    /** Begins anew, with a record of this time, or of {@link Wrapped#NO_STAMP}. */
    void begin(long time) {
        hasMessage = false;
        millis = time;
        syslogPid = -1;
        pid = -1;
        host = null;
        identifier = null;
        uid = -1;
        containerId = null;
        unfinished = false;
        piece = false;
        message.clear();
    }

    /** Takes a field whose text begins at {@code from}. */
    void field(Wrapped line, String name, int from) {
        switch (name) {
            case "__REALTIME_TIMESTAMP" -> millis = Epoch.millis(line.b, from, line.end);
            case "SYSLOG_PID" -> syslogPid = Epoch.number(line.b, from, line.end);
            case "_PID" -> pid = Epoch.number(line.b, from, line.end);
            case "_HOSTNAME" -> host = text(line, from);
            case "SYSLOG_IDENTIFIER" -> identifier = text(line, from);
            case "_UID" -> uid = Epoch.number(line.b, from, line.end);
            case "CONTAINER_ID", "CONTAINER_ID_FULL" -> containerId = text(line, from);
            case "CONTAINER_PARTIAL_MESSAGE" -> unfinished = true;
            case "CONTAINER_PARTIAL_ID" -> piece = true;
            case "MESSAGE" -> {
                message.clear();
                message.add(line.b, from, line.end);
                hasMessage = true;
            }
            default -> {
                // Other fields say nothing about mail.
            }
        }
    }

    private static String text(Wrapped line, int from) {
        return new String(line.b, from, line.end - from, StandardCharsets.UTF_8);
    }

    /** The message comes byte by byte from here on. */
    void beginMessage() {
        message.clear();
    }

    void message(int c) {
        message.add(c);
        hasMessage = true;
    }

    /** Whether it says all that syslog says of a line, and who wrote it. */
    boolean isWhole() {
        return hasMessage && identifier != null && syslogPid >= 0 && uid >= 0;
    }

    /** Gives the line what the record says; a record that is none of a program, or nobody's, gives an empty one. */
    Envelope.Result into(Wrapped line) {
        JournalGate.Text text = gate.take(uid, identifier, containerId, unfinished, piece);
        boolean container = text == JournalGate.Text.OF_A_CONTAINER;
        if (!hasMessage || (identifier == null && !container) || text == JournalGate.Text.OF_NOBODY) {
            line.leaveOut();
            return Envelope.Result.OPENED;
        }
        message.into(line);
        line.dropLineEnd();
        line.millis = millis;
        line.host = host;
        line.program = identifier == null ? "" : identifier;
        line.pid = syslogPid >= 0 ? syslogPid : pid;
        line.container = container;
        return Envelope.Result.OPENED;
    }
}
