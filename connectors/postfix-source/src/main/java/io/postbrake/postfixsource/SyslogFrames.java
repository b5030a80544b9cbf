package io.postbrake.postfixsource;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;

/**
 * The messages of one syslog connection (RFC 6587): each with its length before it (octet counting), or ended by a line end or
 * NUL (non-transparent), whichever its first byte says. A message that was begun must be whole within a time, so that
 * nobody holds a connection with crumbs.
 */
final class SyslogFrames {

    /**
     * A message.
     *
     * @param text its text, cut when it was over-long
     * @param length its whole length
     */
    record Message(byte[] text, long length) {}

    private static final int MOST_DIGITS = 9;

    private final Socket socket;
    private final InputStream in;
    private final int longest;
    private final Duration patience;
    private final byte[] buffer = new byte[1 << 14];
    private int at;
    private int end;
    private long deadline;

    SyslogFrames(Socket socket, int longest, Duration patience) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.longest = longest;
        this.patience = patience;
    }

    /** The next message; null when the peer has ended. Waits for its first byte as long as it takes. */
    Message next() throws IOException {
        deadline = 0;
        int first = read();
        while (first == '\n' || first == '\r' || first == 0 || first == ' ') {
            first = read(); // Line ends after counted messages, which some send.
        }
        if (first < 0) {
            return null;
        }
        deadline = System.nanoTime() + patience.toNanos();
        return first >= '1' && first <= '9' ? counted(first) : ended(new Text(), first);
    }

    private Message counted(int first) throws IOException {
        var digits = new Text();
        digits.add(first);
        long length = first - '0';
        int c = read();
        while (c >= '0' && c <= '9' && digits.length < MOST_DIGITS) {
            digits.add(c);
            length = length * 10 + c - '0';
            c = read();
        }
        if (c != ' ') {
            // A message that begins with a number, such as a year.
            return ended(digits, c);
        }
        var text = new Text();
        for (long i = 0; i < length; i++) {
            c = read();
            if (c < 0) {
                throw new IOException("the connection ended within a message");
            }
            text.add(c);
        }
        return text.message();
    }

    private Message ended(Text text, int first) throws IOException {
        int c = first;
        while (c >= 0 && c != '\n' && c != 0) {
            text.add(c);
            c = read();
        }
        return text.message();
    }

    private int read() throws IOException {
        if (at == end) {
            at = 0;
            end = 0;
            end = Math.max(0, fill());
            if (end == 0) {
                return -1;
            }
        }
        return buffer[at++] & 0xFF;
    }

    private int fill() throws IOException {
        int millis = 0;
        if (deadline != 0) {
            millis = (int) Math.min(Integer.MAX_VALUE, (deadline - System.nanoTime()) / 1_000_000);
            if (millis <= 0) {
                throw new SocketTimeoutException("a message took longer than " + patience.toMillis() + " ms");
            }
        }
        socket.setSoTimeout(millis);
        return in.read(buffer);
    }

    /** Bytes of one message. Control characters within it cannot pretend to end it. */
    private final class Text {

        private byte[] bytes = new byte[256];
        private int kept;
        private long length;
        private boolean lineEnd;

        void add(int c) {
            length++;
            if (kept < longest) {
                if (kept == bytes.length) {
                    bytes = Arrays.copyOf(bytes, Math.min(longest, kept * 2));
                }
                lineEnd = c == '\n' || c == 0;
                bytes[kept++] = (byte) (c < ' ' && c != '\t' ? '?' : c);
            }
        }

        Message message() {
            // A counted message may have its line end inside.
            int without = lineEnd && length == kept ? 1 : 0;
            return new Message(Arrays.copyOf(bytes, kept - without), length - without);
        }
    }
}
