package io.postbrake.dovecotlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;

/**
 * Lines of the services that take logins: {@code Login: ...} and since 2.4 {@code Logged in: ...}; a login that a proxy passed
 * on; and, when the connection ends, how often it failed to log in and why.
 */
final class LoginLines {
    private static final String PROXYING = "tarted proxying to ";
    private static final String ATTEMPTS = " attempts";
    /** Nobody tried to log in. */
    private static final String NOBODY = "no auth attempts";

    /** {@code imap_id_log}: names and values of the client's. */
    private static final String ID = "ID sent: ";

    private static final String NO_TLS = "disconnected during TLS handshake";

    private final Line l;
    private final LoginElements elements;

    LoginLines(Line line) {
        l = line;
        elements = new LoginElements(line);
    }

    /** Reads the text that begins at {@code from}; false when it says nothing of a login. */
    boolean read(MailEvent e, int from) {
        if (!elements.find(from)) {
            return false;
        }
        int to = elements.begin();
        if (l.is("Login", from, to) || l.is("Logged in", from, to)) {
            elements.set(e);
            e.setKind("login");
            return true;
        }
        if (l.starts("proxy(", from)) {
            return proxied(e, from, to);
        }
        // Its connection's end tells the same once more. What a client says of itself is its own text to the end.
        boolean told = l.starts("Authenticate ", from) || l.starts("Login failed: ", from) || l.starts(ID, from);
        return !told && failed(e, from, to);
    }

    /** {@code proxy(U,HOST:PORT): Started proxying to <HOST> (T secs)}, in 2.2 {@code proxy(U): started proxying to HOST:PORT}. */
    private boolean proxied(MailEvent e, int from, int to) {
        int at = l.findLast(PROXYING, from, to);
        if (at < 0) {
            return false;
        }
        int host = at + PROXYING.length();
        int end = l.token(host, to);
        elements.set(e);
        e.setRelay(l.address(host, end));
        e.setKind("login");
        return true;
    }

    /** {@code MESSAGE (REASON, N attempts in T secs)}, since 2.4 with {@code (reason_code)} behind. */
    private boolean failed(MailEvent e, int from, int to) {
        int close = to - 1;
        if (l.byteAt(close) != ')') {
            return false;
        }
        int open = l.findLast("(", from, close);
        if (open > from + 2 && l.b[open - 1] == ' ' && l.b[open - 2] == ')' && isCode(open + 1, close)) {
            close = open - 2;
            open = l.findLast("(", from, close);
        }
        if (open < 0 || l.starts(NOBODY, open + 1) || l.starts(NO_TLS, open + 1)) {
            return false;
        }
        int comma = l.find(',', open, close);
        int end = comma < 0 ? close : comma;
        elements.set(e);
        e.setReason(l.word(open + 1, end));
        if (comma >= 0) {
            attempts(e, comma + 2, close);
        }
        e.setKind("login_failed");
        return true;
    }

    /** {@code N attempts[ in T secs]}, or how long the client was waited for. */
    private void attempts(MailEvent e, int from, int to) {
        int end = l.token(from, to);
        long number = l.number(from, end);
        if (number < 0 || !l.starts(ATTEMPTS, end)) {
            return;
        }
        // Without a mechanism the server did not look at the password, such as one that came in clear.
        e.setAttempts(elements.hasMethod() ? number : 0L);
        int in = end + ATTEMPTS.length();
        if (l.starts(" in ", in)) {
            long seconds = l.number(in + 4, l.token(in + 4, to));
            e.setAttemptSeconds(seconds < 0 ? null : seconds);
        }
    }

    private boolean isCode(int from, int to) {
        for (int i = from; i < to; i++) {
            if (l.b[i] != '_' && (l.b[i] < 'a' || l.b[i] > 'z')) {
                return false;
            }
        }
        return to > from;
    }
}
