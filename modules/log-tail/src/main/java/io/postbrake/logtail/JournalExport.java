package io.postbrake.logtail;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Reads journald's export format: a field a line, {@code NAME=text}, or the name, eight bytes of length and so much binary
 * text; an empty line ends an entry. Texts are local users' too: none can become another field, and what was sent by an account
 * of a person is no line of a mail server.
 */
final class JournalExport {

    static final String FIELDS = "MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_HOSTNAME,_UID";
    private static final int LONGEST_NAME = 256;
    private static final int LONGEST_WORD = 512;
    /** Daemons run as root or as a system's account. */
    private static final long FIRST_PERSON = 1000;

    private static final Pattern PROGRAM = Pattern.compile("[A-Za-z0-9_./@+-]{1,255}");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_.:-]{1,255}");

    private final InputStream in;
    private final int maxLine;
    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int end;

    private String cursor;
    private String program;
    private String host;
    private long pid;
    private long syslogPid;
    private long uid;
    private long micros;
    private byte[] message;
    private long messageLength;

    JournalExport(InputStream in, int maxLine) {
        this.in = in;
        this.maxLine = maxLine;
    }

    /**
     * The next entry; null at the end.
     *
     * @throws IOException also when this is no export of a journal
     */
    JournalEntry next() throws IOException {
        clear();
        boolean begun = false;
        while (true) {
            int first = peek();
            if (first < 0) {
                if (begun) {
                    throw new EOFException("the journal's export ends within an entry");
                }
                return null;
            }
            if (first == '\n') {
                at++;
                if (begun) {
                    return entry();
                }
                continue;
            }
            field();
            begun = true;
        }
    }

    private void clear() {
        cursor = null;
        program = null;
        host = null;
        pid = -1;
        syslogPid = -1;
        uid = -1;
        micros = -1;
        message = null;
        messageLength = 0;
    }

    private void field() throws IOException {
        var name = new StringBuilder();
        int c = read();
        while (c != '=' && c != '\n') {
            if (name.length() == LONGEST_NAME) {
                throw new IOException("the journal's export has a field without a name");
            }
            name.append((char) c);
            c = read();
        }
        long length = c == '=' ? -1 : binaryLength();
        switch (name.toString()) {
            case "__CURSOR" -> cursor = word(length);
            case "__REALTIME_TIMESTAMP" -> micros = number(length);
            case "SYSLOG_IDENTIFIER" -> program = word(length);
            case "SYSLOG_PID" -> syslogPid = number(length);
            case "_PID" -> pid = number(length);
            case "_UID" -> uid = number(length);
            case "_HOSTNAME" -> host = word(length);
            case "MESSAGE" -> {
                message = new byte[0];
                messageLength = text(length, maxLine, true);
            }
            default -> text(length, 0, false);
        }
    }

    private long binaryLength() throws IOException {
        long length = 0;
        for (int i = 0; i < 8; i++) {
            length |= (long) read() << (8 * i);
        }
        if (length < 0) {
            throw new IOException("the journal's export has a field of impossible length");
        }
        return length;
    }

    private byte[] kept = new byte[LONGEST_WORD];
    private int keptLength;

    /** Reads a text of known length, or up to the end of its line; keeps so much of it and returns how long it was. */
    private long text(long length, int most, boolean isMessage) throws IOException {
        keptLength = 0;
        long n = 0;
        for (int c = 0; length < 0 || n < length; n++) {
            c = read();
            if (length < 0 && c == '\n') {
                break;
            }
            if (n < most) {
                if (keptLength == kept.length) {
                    kept = Arrays.copyOf(kept, kept.length * 2);
                }
                kept[keptLength++] = (byte) c;
            }
        }
        if (length >= 0 && read() != '\n') {
            throw new IOException("the journal's export has a field that does not end where it says");
        }
        if (isMessage) {
            message = Arrays.copyOf(kept, keptLength);
        }
        return n;
    }

    private String word(long length) throws IOException {
        long n = text(length, LONGEST_WORD, false);
        return n > LONGEST_WORD ? null : new String(kept, 0, keptLength, StandardCharsets.ISO_8859_1);
    }

    private long number(long length) throws IOException {
        String word = word(length);
        return word != null && word.matches("[0-9]{1,18}") ? Long.parseLong(word) : -1;
    }

    private JournalEntry entry() throws IOException {
        if (cursor == null || micros < 0) {
            throw new IOException("the journal's export has an entry without cursor or time");
        }
        Position where;
        try {
            where = JournalEntry.position(cursor);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        boolean system = uid < FIRST_PERSON && message != null && program != null;
        if (!system || !PROGRAM.matcher(program).matches()) {
            return new JournalEntry(where, cursor, new byte[0], 0);
        }
        long process = syslogPid >= 0 ? syslogPid : pid;
        byte[] head = (Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000) + " "
                        + (host != null && HOST.matcher(host).matches() ? host : "-") + " " + program
                        + (process >= 0 ? "[" + process + "]: " : ": "))
                .getBytes(StandardCharsets.US_ASCII);
        byte[] line = Arrays.copyOf(head, Math.min(maxLine, head.length + message.length));
        for (int i = head.length; i < line.length; i++) {
            byte b = message[i - head.length];
            line[i] = b >= 0 && b < ' ' && b != '\t' ? (byte) '?' : b;
        }
        return new JournalEntry(where, cursor, line, head.length + messageLength);
    }

    private int peek() throws IOException {
        if (at == end) {
            at = 0;
            end = Math.max(0, in.read(buffer));
        }
        return at == end ? -1 : buffer[at] & 0xFF;
    }

    private int read() throws IOException {
        int c = peek();
        if (c < 0) {
            throw new EOFException("the journal's export ends within an entry");
        }
        at++;
        return c;
    }
}
