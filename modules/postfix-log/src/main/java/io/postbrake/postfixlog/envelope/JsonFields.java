package io.postbrake.postfixlog.envelope;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads wanted fields of one JSON object: texts with their escapes undone, numbers as they stand, and arrays of byte values, as
 * the journal writes what is not UTF-8. All else is read over. An object that has a wanted field twice is refused: text that
 * somebody put into it without escaping it could be the second one.
 */
final class JsonFields {
    private static final int DEEPEST = 32;
    private static final int LONGEST = 1 << 16;

    private final byte[][] names;
    private final byte[][] values;
    private final int[] lengths;
    /** Where in the line each field's value began. */
    private final int[] places;

    private byte[] key = new byte[64];
    private byte[] b = {};
    private int at;
    private int end;
    private byte[] text = key;
    private int length;

    JsonFields(String... wanted) {
        names = new byte[wanted.length][];
        for (int i = 0; i < wanted.length; i++) {
            names[i] = wanted[i].getBytes(StandardCharsets.UTF_8);
        }
        values = new byte[wanted.length][];
        lengths = new int[wanted.length];
        places = new int[wanted.length];
    }

    /** Whether the rest of the line is one such object and nothing else. */
    boolean read(Wrapped line, int from) {
        b = line.b;
        at = from;
        end = line.end;
        Arrays.fill(lengths, -1);
        if (!skip('{')) {
            return false;
        }
        if (skip('}')) {
            return over();
        }
        do {
            blank();
            if (!name() || !skip(':')) {
                return false;
            }
            int field = field();
            if (field >= 0) {
                places[field] = at;
            }
            if (!(field < 0 ? pass() : value(field))) {
                return false;
            }
        } while (skip(','));
        return skip('}') && over();
    }

    boolean has(int field) {
        return lengths[field] >= 0;
    }

    /** Whether two fields that were read hold the same. */
    boolean isSame(int one, int other) {
        return Arrays.equals(values[one], 0, lengths[one], values[other], 0, lengths[other]);
    }

    /** Whether a field that was read stands behind another one that was. */
    boolean isBehind(int field, int other) {
        return other >= 0 && places[field] > places[other];
    }

    byte[] bytes(int field) {
        return values[field];
    }

    int length(int field) {
        return lengths[field];
    }

    /** The field's text, or null. */
    @Nullable
    String string(int field) {
        return field < 0 || lengths[field] < 0
                ? null
                : new String(values[field], 0, lengths[field], StandardCharsets.UTF_8);
    }

    /** A non-negative whole number, else -1. */
    long number(int field) {
        return field < 0 || lengths[field] < 0 ? -1 : Epoch.number(values[field], 0, lengths[field]);
    }

    private boolean over() {
        blank();
        // GELF ends a message with this byte where it goes over TCP, and syslog-ng's template for it everywhere.
        while (at < end && b[at] == 0) {
            at++;
        }
        return at == end;
    }

    private boolean name() {
        text = key;
        boolean read = string();
        key = text;
        return read;
    }

    private int field() {
        for (int i = 0; i < names.length; i++) {
            if (names[i].length == length && Arrays.equals(names[i], 0, length, key, 0, length)) {
                return i;
            }
        }
        return -1;
    }

    private boolean value(int field) {
        if (lengths[field] >= 0) {
            return false;
        }
        blank();
        text = values[field] == null ? new byte[64] : values[field];
        length = 0;
        int c = byteAt(at);
        boolean kept = true;
        boolean read;
        if (c == '"') {
            read = string();
        } else if (c == '[') {
            int begin = at;
            read = byteValues();
            if (!read) {
                // A field that a record has several times: an array of texts.
                at = begin;
                kept = false;
                read = pass();
            }
        } else if (c == '{' || c == 'n') {
            kept = false;
            read = pass();
        } else {
            read = plain();
        }
        values[field] = text;
        if (read && kept) {
            lengths[field] = length;
        }
        return read;
    }

    private boolean byteValues() {
        at++;
        if (skip(']')) {
            return true;
        }
        do {
            blank();
            int from = at;
            while (at < end && b[at] >= '0' && b[at] <= '9') {
                at++;
            }
            long value = Epoch.number(b, from, at);
            if (value < 0 || value > 255) {
                return false;
            }
            put((int) value);
        } while (skip(','));
        return skip(']');
    }

    private boolean plain() {
        int from = at;
        while (at < end && isPlain(b[at])) {
            put(b[at++]);
        }
        return at > from;
    }

    private static boolean isPlain(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == 'E' || c == '-' || c == '+' || c == '.';
    }

    /** Reads over one value, whatever it holds. */
    private boolean pass() {
        int depth = 0;
        do {
            blank();
            int c = byteAt(at);
            if (c == '{' || c == '[') {
                depth++;
                at++;
            } else if (c == '}' || c == ']') {
                depth--;
                at++;
            } else if (c == '"') {
                if (!passString()) {
                    return false;
                }
            } else if (depth > 0 && (c == ',' || c == ':')) {
                at++;
            } else {
                int from = at;
                while (at < end && isPlain(b[at])) {
                    at++;
                }
                if (at == from) {
                    return false;
                }
            }
        } while (depth > 0 && depth < DEEPEST);
        return depth == 0;
    }

    private boolean passString() {
        for (at++; at < end; at++) {
            int c = b[at];
            if (c == '\\') {
                at++;
            } else if (c == '"') {
                at++;
                return true;
            }
        }
        return false;
    }

    private boolean string() {
        length = 0;
        if (byteAt(at) != '"') {
            return false;
        }
        for (at++; at < end; at++) {
            int c = b[at];
            if (c == '"') {
                at++;
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
        at++;
        switch (byteAt(at)) {
            case 'n' -> put('\n');
            case 'r' -> put('\r');
            case 't' -> put('\t');
            case 'b' -> put('\b');
            case 'f' -> put('\f');
            case '"', '\\', '/' -> put(b[at]);
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
        int code = hex(at + 1);
        if (code < 0) {
            return false;
        }
        at += 4;
        if (code < 0x80) {
            put(code);
            return true;
        }
        String decoded = String.valueOf((char) code);
        if (Character.isHighSurrogate((char) code) && byteAt(at + 1) == '\\' && byteAt(at + 2) == 'u') {
            int low = hex(at + 3);
            if (low >= 0 && Character.isLowSurrogate((char) low)) {
                decoded += (char) low;
                at += 6;
            }
        }
        for (byte c : decoded.getBytes(StandardCharsets.UTF_8)) {
            put(c);
        }
        return true;
    }

    private int hex(int from) {
        int value = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = Character.digit(byteAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            value = value * 16 + digit;
        }
        return value;
    }

    private void put(int c) {
        if (length == text.length) {
            if (length == LONGEST) {
                return;
            }
            text = Arrays.copyOf(text, length * 2);
        }
        text[length++] = (byte) c;
    }

    private int byteAt(int i) {
        return i < end ? b[i] & 0xFF : -1;
    }

    private void blank() {
        int c = byteAt(at);
        while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            c = byteAt(++at);
        }
    }

    private boolean skip(int c) {
        blank();
        if (byteAt(at) != c) {
            return false;
        }
        at++;
        return true;
    }
}
