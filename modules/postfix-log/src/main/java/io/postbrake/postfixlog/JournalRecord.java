package io.postbrake.postfixlog;

import java.nio.charset.StandardCharsets;

/**
 * One record of {@code journalctl -o json}: a flat JSON object of strings, in which a text that is not valid UTF-8 is an array
 * of byte values. Only the fields that make a log line are kept. Anything else that is no such object is refused.
 */
final class JournalRecord {
    private final Line l;
    private byte[] text = new byte[512];
    private int length;
    private boolean isText;

    private long micros;
    private long syslogPid;
    private long pid;
    private String host;
    private String identifier;
    private byte[] message;
    private int messageLength;

    JournalRecord(Line line) {
        l = line;
    }

    /** Reads the record; afterwards the line holds its message. */
    boolean read(Frame frame) {
        micros = -1;
        syslogPid = -1;
        pid = -1;
        host = null;
        identifier = null;
        messageLength = -1;
        if (!object() || micros < 0 || identifier == null || messageLength < 0) {
            return false;
        }
        int end = messageLength;
        while (end > 0 && (message[end - 1] == '\n' || message[end - 1] == '\r' || message[end - 1] == ' ')) {
            end--;
        }
        l.set(message, 0, end);
        frame.take(l, micros / 1000, host, identifier, syslogPid >= 0 ? syslogPid : pid);
        return true;
    }

    private boolean object() {
        if (!skip('{')) {
            return false;
        }
        do {
            blank();
            if (!string()) {
                return false;
            }
            String key = new String(text, 0, length, StandardCharsets.ISO_8859_1);
            if (!skip(':') || !value()) {
                return false;
            }
            if (isText) {
                keep(key);
            }
        } while (skip(','));
        return skip('}') && l.at == l.end;
    }

    private void keep(String key) {
        switch (key) {
            case "__REALTIME_TIMESTAMP" -> micros = number();
            case "SYSLOG_PID" -> syslogPid = number();
            case "_PID" -> pid = number();
            case "_HOSTNAME" -> host = new String(text, 0, length, StandardCharsets.UTF_8);
            case "SYSLOG_IDENTIFIER" -> identifier = new String(text, 0, length, StandardCharsets.UTF_8);
            case "MESSAGE" -> {
                message = text;
                messageLength = length;
                text = new byte[512];
            }
            default -> {
                // Other fields say nothing about mail.
            }
        }
    }

    private long number() {
        if (length == 0 || length > 18) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            if (text[i] < '0' || text[i] > '9') {
                return -1;
            }
            value = value * 10 + text[i] - '0';
        }
        return value;
    }

    private boolean value() {
        blank();
        isText = true;
        int c = l.byteAt(l.at);
        if (c == '"') {
            return string();
        }
        if (c == '[') {
            return bytes();
        }
        isText = false;
        int from = l.at;
        while (Line.isAlnum(l.byteAt(l.at)) || l.byteAt(l.at) == '-' || l.byteAt(l.at) == '.') {
            l.at++;
        }
        return l.at > from;
    }

    /** An array of byte values; an array of texts, which a repeated field makes, is read over. */
    private boolean bytes() {
        skip('[');
        length = 0;
        if (skip(']')) {
            return true;
        }
        do {
            blank();
            if (l.byteAt(l.at) == '"') {
                if (!string()) {
                    return false;
                }
                isText = false;
                continue;
            }
            int from = l.at;
            while (l.isDigit(l.at)) {
                l.at++;
            }
            long value = l.number(from, l.at);
            if (value < 0 || value > 255) {
                return false;
            }
            if (isText) {
                put((int) value);
            }
        } while (skip(','));
        return skip(']');
    }

    private boolean string() {
        if (l.byteAt(l.at) != '"') {
            return false;
        }
        length = 0;
        for (l.at++; l.at < l.end; l.at++) {
            int c = l.b[l.at];
            if (c == '"') {
                l.at++;
                return true;
            }
            if (c != '\\') {
                put(c);
            } else if (!escape()) {
                return false;
            }
        }
        return false;
    }

    private boolean escape() {
        l.at++;
        switch (l.byteAt(l.at)) {
            case 'n' -> put('\n');
            case 'r' -> put('\r');
            case 't' -> put('\t');
            case 'b' -> put('\b');
            case 'f' -> put('\f');
            case '"', '\\', '/' -> put(l.b[l.at]);
            case 'u' -> {
                return unicode();
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean unicode() {
        int code = hex(l.at + 1);
        if (code < 0) {
            return false;
        }
        l.at += 4;
        String decoded = String.valueOf((char) code);
        if (Character.isHighSurrogate((char) code) && l.byteAt(l.at + 1) == '\\' && l.byteAt(l.at + 2) == 'u') {
            int low = hex(l.at + 3);
            if (low >= 0 && Character.isLowSurrogate((char) low)) {
                decoded += (char) low;
                l.at += 6;
            }
        }
        for (byte b : decoded.getBytes(StandardCharsets.UTF_8)) {
            put(b);
        }
        return true;
    }

    private int hex(int from) {
        int value = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = Character.digit(l.byteAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            value = value * 16 + digit;
        }
        return value;
    }

    private void put(int c) {
        if (length == text.length) {
            text = java.util.Arrays.copyOf(text, length * 2);
        }
        text[length++] = (byte) c;
    }

    private void blank() {
        while (l.byteAt(l.at) == ' ' || l.byteAt(l.at) == '\t') {
            l.at++;
        }
    }

    private boolean skip(int c) {
        blank();
        if (l.byteAt(l.at) != c) {
            return false;
        }
        l.at++;
        return true;
    }
}
