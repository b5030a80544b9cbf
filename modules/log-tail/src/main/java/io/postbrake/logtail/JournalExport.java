package io.postbrake.logtail;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads journald's export format: a field a line, {@code NAME=text}, or the name, eight bytes of length and so much binary
 * text; an empty line ends an entry. Texts are local users' too: none can become another field, and what was sent by an account
 * that is not believed is no line of a mail server. Text that a container's engine passed on has a header of its own.
 */
final class JournalExport {

    static final String FIELDS = "MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_HOSTNAME,_UID,CONTAINER_ID"
            + ",CONTAINER_PARTIAL_MESSAGE,CONTAINER_PARTIAL_ID";
    private static final int LONGEST_NAME = 256;
    private static final int LONGEST_WORD = 512;
    /** Under this program the parser looks for a header within the text. */
    private static final String CONTAINER = "container";
    /** Containers of which it is known that the rest of a line is still to come. */
    private static final int MOST_BEGUN = 1000;

    private static final Pattern PROGRAM = Pattern.compile("[A-Za-z0-9_./@+-]{1,255}");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_.:-]{1,255}");

    private final InputStream in;
    private final JournalSelection selection;
    private final int maxLine;
    private final Set<String> begun = new LinkedHashSet<>();
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
    private String container;
    private boolean piece;
    private boolean unfinished;

    JournalExport(InputStream in, JournalSelection selection, int maxLine) {
        this.in = in;
        this.selection = selection;
        this.maxLine = maxLine;
    }

    /**
     * The next entry; null at the end.
     *
     * @throws IOException also when this is no export of a journal
     */
    JournalEntry next() throws IOException {
        clear();
        boolean within = false;
        while (true) {
            int first = peek();
            if (first < 0) {
                if (within) {
                    throw new EOFException("the journal's export ends within an entry");
                }
                return null;
            }
            if (first == '\n') {
                at++;
                if (within) {
                    return entry();
                }
                continue;
            }
            field();
            within = true;
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
        container = null;
        piece = false;
        unfinished = false;
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
            case "CONTAINER_ID" -> container = word(length);
            case "CONTAINER_PARTIAL_MESSAGE" -> {
                unfinished = true;
                text(length, 0, false);
            }
            case "CONTAINER_PARTIAL_ID" -> {
                piece = true;
                text(length, 0, false);
            }
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
        boolean believed = uid < 0 || selection.senders().contains(uid);
        // The rest of a line that was cut would begin with text of a stranger; Postfix's lines are never as long.
        boolean cut = believed && container != null && isPiece();
        boolean passedOn =
                container != null || (program != null && selection.tags().contains(program));
        String name = passedOn ? CONTAINER : program;
        if (!believed
                || cut
                || message == null
                || name == null
                || !PROGRAM.matcher(name).matches()) {
            return new JournalEntry(where, cursor, new byte[0], 0);
        }
        long process = syslogPid >= 0 ? syslogPid : pid;
        byte[] head = (Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000) + " "
                        + (host != null && HOST.matcher(host).matches() ? host : "-") + " " + name
                        + (process >= 0 ? "[" + process + "]: " : ": "))
                .getBytes(StandardCharsets.US_ASCII);
        int length = textLength();
        byte[] line = Arrays.copyOf(head, Math.min(maxLine, head.length + length));
        for (int i = head.length; i < line.length; i++) {
            byte b = message[i - head.length];
            line[i] = b >= 0 && b < ' ' && b != '\t' ? (byte) '?' : b;
        }
        return new JournalEntry(where, cursor, line, head.length + messageLength - (message.length - length));
    }

    /** Podman keeps the line's end with it. */
    private int textLength() {
        int length = message.length;
        while (length > 0 && (message[length - 1] == '\n' || message[length - 1] == '\r')) {
            length--;
        }
        return length;
    }

    /** Docker says of all pieces that they are some, Podman of all but the last. */
    private boolean isPiece() {
        boolean rest = begun.remove(container);
        if (unfinished) {
            begun.add(container);
            if (begun.size() > MOST_BEGUN) {
                begun.remove(begun.iterator().next());
            }
        }
        return piece || unfinished || rest;
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
