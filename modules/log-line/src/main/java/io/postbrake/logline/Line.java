package io.postbrake.logline;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Bytes of the line that is being read, how far it was read, and small readers of them. Strings are made only when asked for. */
public final class Line {
    /** Eight bytes of an array as one number, the first byte lowest. */
    public static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final double[] TENS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

    private final Words words;
    /** The bytes that the line lies in. */
    public byte[] b = {};

    /** Where the next byte to be read lies. */
    public int at;

    /** Where the line ends. */
    public int end;

    /** An empty one. */
    public Line() {
        this(new Words());
    }

    private Line(Words words) {
        this.words = words;
    }

    /** Another one that has its words from the same table. */
    public Line another() {
        return new Line(words);
    }

    /** It is this range of bytes from now on. */
    public void set(byte[] bytes, int from, int to) {
        b = bytes;
        at = from;
        end = to;
    }

    /** The byte there, or -1 behind the end. */
    public int byteAt(int i) {
        return i < end ? b[i] & 0xFF : -1;
    }

    /** Whether a digit is there. */
    public boolean isDigit(int i) {
        return i < end && b[i] >= '0' && b[i] <= '9';
    }

    /** Whether the rest begins so. */
    public boolean starts(String literal) {
        return starts(literal, at);
    }

    /** Whether what lies at {@code i} begins so. */
    public boolean starts(String literal, int i) {
        int length = literal.length();
        if (i < 0 || end - i < length) {
            return false;
        }
        for (int k = 0; k < length; k++) {
            if (b[i + k] != literal.charAt(k)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the text up to {@code to} ends so. */
    public boolean ends(String literal, int to) {
        return to - literal.length() >= at && starts(literal, to - literal.length());
    }

    /** Whether the range is this text. */
    public boolean is(String literal, int from, int to) {
        return to - from == literal.length() && starts(literal, from);
    }

    /** First index of the byte within the range, or -1. Eight bytes at a time: subtracting one borrows first where a byte is nought. */
    public int find(int c, int from, int to) {
        return find(b, c, from, to);
    }

    /** The same in any bytes. */
    public static int find(byte[] bytes, int c, int from, int to) {
        long wanted = c * ONES;
        int last = Math.min(to - 1, bytes.length - 8);
        int i = from;
        for (; i <= last; i += 8) {
            long differing = (long) EIGHT.get(bytes, i) ^ wanted;
            long nought = (differing - ONES) & ~differing & HIGHS;
            if (nought != 0) {
                int found = i + (Long.numberOfTrailingZeros(nought) >>> 3);
                return found < to ? found : -1;
            }
        }
        for (; i < to; i++) {
            if (bytes[i] == c) {
                return i;
            }
        }
        return -1;
    }

    /** First index of {@code literal} that lies whole within the range, or -1. */
    public int find(String literal, int from, int to) {
        char first = literal.charAt(0);
        int last = to - literal.length() + 1;
        int i = find(first, Math.max(from, 0), last);
        while (i >= 0 && !starts(literal, i)) {
            i = find(first, i + 1, last);
        }
        return i;
    }

    /** First index of {@code literal} from {@code from} on, or -1. */
    public int find(String literal, int from) {
        return find(literal, from, end);
    }

    /** Last index of {@code literal} that lies whole within the range, or -1. */
    public int findLast(String literal, int from, int to) {
        byte first = (byte) literal.charAt(0);
        for (int i = to - literal.length(); i >= from; i--) {
            if (b[i] == first && starts(literal, i)) {
                return i;
            }
        }
        return -1;
    }

    /** Text that is seldom seen twice. */
    public String string(int from, int to) {
        return new String(b, from, to - from, StandardCharsets.UTF_8);
    }

    /** Text that often comes again. */
    public String word(int from, int to) {
        return words.of(b, from, to);
    }

    /** A non-negative decimal of up to 18 digits, else -1. */
    public long number(int from, int to) {
        if (from >= to || to - from > 18) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    /** A plain decimal such as 0.01 with up to 9 places, else null. */
    @Nullable
    public Double decimal(int from, int to) {
        int dot = find('.', from, to);
        long whole = number(from, dot < 0 ? to : dot);
        if (whole < 0 || whole > 1L << 40) {
            return null;
        }
        if (dot < 0) {
            return (double) whole;
        }
        int places = to - dot - 1;
        long part = places > 9 ? -1 : number(dot + 1, to);
        if (part < 0) {
            return null;
        }
        // Up to 2^53 both are exact in a double, so their quotient is the double nearest to the decimal.
        return (whole * TENS[places] + part) / TENS[places];
    }

    /** What stands between the outermost angle brackets, or the text itself without any. */
    public String address(int from, int to) {
        return to - from >= 2 && b[from] == '<' && b[to - 1] == '>' ? string(from + 1, to - 1) : string(from, to);
    }

    /** Index of the first space in the range, or its end. */
    public int token(int from, int to) {
        int i = find(' ', from, to);
        return i < 0 ? to : i;
    }

    /** Letters, digits, dash, dot and underscore only. */
    public boolean isToken(int from, int to, int most) {
        if (from >= to || to - from > most) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (!isAlnum(b[i]) && b[i] != '-' && b[i] != '_' && b[i] != '.') {
                return false;
            }
        }
        return true;
    }

    /** Whether it is a letter or digit of ASCII. */
    public static boolean isAlnum(int c) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    }

    /** Short ids are hexadecimal in upper case, long ones mix digits and letters of both cases. */
    public boolean isQueueId(int from, int to) {
        int length = to - from;
        if (length < 5 || length > 30) {
            return false;
        }
        boolean digit = false;
        boolean lower = false;
        boolean hex = true;
        for (int i = from; i < to; i++) {
            int c = b[i];
            if (!isAlnum(c)) {
                return false;
            }
            digit |= c <= '9';
            lower |= c >= 'a';
            hex &= c <= 'F';
        }
        return hex || (digit && (lower || length >= 10));
    }

    /** Index after the letters and digits that begin at {@code from}. */
    public int alnumEnd(int from, int to) {
        int i = from;
        while (i < to && isAlnum(b[i])) {
            i++;
        }
        return i;
    }

    /** An IPv4 or IPv6 literal; no resolver is asked. */
    public boolean isIp(int from, int to) {
        return find(':', from, to) >= 0 ? isV6(from, to) : isV4(from, to);
    }

    private boolean isV4(int from, int to) {
        int parts = 0;
        int value = -1;
        for (int i = from; i <= to; i++) {
            int c = i == to ? '.' : b[i];
            if (c == '.') {
                if (value < 0 || ++parts > 4) {
                    return false;
                }
                value = -1;
            } else if (c >= '0' && c <= '9') {
                value = Math.max(value, 0) * 10 + c - '0';
                if (value > 255) {
                    return false;
                }
            } else {
                return false;
            }
        }
        return parts == 4;
    }

    private boolean isV6(int from, int to) {
        int gap = find("::", from, to);
        if (gap < 0) {
            return groups(from, to, true) == 8;
        }
        if (find("::", gap + 1, to) >= 0) {
            return false;
        }
        int left = gap == from ? 0 : groups(from, gap, false);
        int right = gap + 2 == to ? 0 : groups(gap + 2, to, true);
        return left >= 0 && right >= 0 && left + right < 8;
    }

    private int groups(int from, int to, boolean mayEndInV4) {
        int count = 0;
        int at1 = from;
        while (true) {
            int colon = find(':', at1, to);
            int stop = colon < 0 ? to : colon;
            if (colon < 0 && mayEndInV4 && find('.', at1, stop) >= 0) {
                return isV4(at1, stop) ? count + 2 : -1;
            }
            if (at1 == stop || stop - at1 > 4) {
                return -1;
            }
            for (int i = at1; i < stop; i++) {
                int c = b[i];
                if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
                    return -1;
                }
            }
            count++;
            if (colon < 0) {
                return count;
            }
            at1 = colon + 1;
        }
    }
}
