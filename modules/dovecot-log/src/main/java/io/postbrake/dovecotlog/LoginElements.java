package io.postbrake.dovecotlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;
import org.jspecify.annotations.Nullable;

/**
 * What follows the message of a login service's line: {@code user=<U>, method=M, rip=R, lip=L, mpid=N, TLS, session=<S>}, as
 * {@code login_log_format_elements} lists it. U may be any text, so that all is read from the right, up to the bracket that
 * ends it: nothing that stands right of it is the client's.
 */
final class LoginElements {
    private static final String USER = ": user=<";
    /** Dovecot shows no more of a name, and three dots for the rest. */
    private static final int LONGEST_NAME = 80;

    /** So many times its own length is compared of a line at most. */
    private static final int BYTES_COMPARED = 16;

    private static final int LONGEST_METHOD = 40;
    private static final int LONGEST_SESSION = 200;

    private final Line l;
    private int begin;
    private int toCompare;
    private int userFrom;
    private int userTo;
    private int methodFrom;
    private int methodTo;
    private int remoteFrom;
    private int remoteTo;
    private int localFrom;
    private int localTo;
    private int sessionFrom;
    private int sessionTo;
    private int tlsFrom;
    private int tlsTo;

    LoginElements(Line line) {
        l = line;
    }

    /** Finds them behind the message that begins at {@code from}; false when they are not there, or not in a known order. */
    boolean find(int from) {
        methodFrom = -1;
        remoteFrom = -1;
        localFrom = -1;
        sessionFrom = -1;
        tlsFrom = -1;
        int to = l.end;
        while (to > from) {
            int comma = l.findLast(", ", from, to);
            int at = comma < 0 ? from : comma + 2;
            if (!element(at, to)) {
                if (l.b[to - 1] == '>') {
                    return remoteFrom >= 0 && user(from, to - 1);
                }
                if (comma < 0) {
                    return false;
                }
            }
            to = Math.max(comma, from);
        }
        return false;
    }

    /** Whether it is one of those that the client cannot write; what a failing TLS says is left alone. */
    private boolean element(int at, int to) {
        // Behind the address, seen from the right, is the name, in which such text may stand, too.
        if (remoteFrom < 0 && sessionFrom < 0 && l.starts("session=<", at) && l.b[to - 1] == '>') {
            sessionFrom = at + 9;
            sessionTo = to - 1;
            return true;
        }
        if (remoteFrom < 0 && l.starts("rip=", at) && l.isIp(at + 4, to)) {
            remoteFrom = at + 4;
            remoteTo = to;
            return true;
        }
        if (remoteFrom < 0 && l.starts("lip=", at) && l.isIp(at + 4, to)) {
            localFrom = at + 4;
            localTo = to;
            return true;
        }
        if (methodFrom < 0 && l.starts("method=", at) && l.isToken(at + 7, to, LONGEST_METHOD)) {
            methodFrom = at + 7;
            methodTo = to;
            return true;
        }
        // 2.4.1 writes TSL once the client is gone.
        if (remoteFrom < 0 && (l.starts("TLS", at) || l.is("TSL", at, to) || l.is("secured", at, to))) {
            tlsFrom = at;
            tlsTo = to;
        }
        return false;
    }

    /** The name begins behind the message. One of a proxy's names the same before. */
    private boolean user(int from, int to) {
        begin = l.find(USER, from, to);
        toCompare = BYTES_COMPARED * (to - from);
        while (begin >= 0 && toCompare >= 0) {
            userFrom = begin + USER.length();
            userTo = to;
            if (userFrom <= userTo && (!l.starts("proxy(", from) || isNamed(from + 6))) {
                return true;
            }
            begin = l.find(USER, begin + 1, to);
        }
        if (begin >= 0) {
            return false; // A name that repeats itself, made so that each of its ends looks like the right one.
        }
        // find() needs a byte more than an empty name has.
        begin = to - USER.length();
        userFrom = to;
        userTo = to;
        return begin >= from && l.starts(USER, begin);
    }

    private boolean isNamed(int at) {
        int next = l.byteAt(at + userTo - userFrom);
        if (next != ',' && next != ')') {
            return false;
        }
        int i = 0;
        while (i < userTo - userFrom && l.b[at + i] == l.b[userFrom + i]) {
            i++;
        }
        toCompare -= i;
        return i == userTo - userFrom;
    }

    /** Where the message before them ends. */
    int begin() {
        return begin;
    }

    /** Whether a mechanism was used at all. */
    boolean hasMethod() {
        return methodFrom >= 0;
    }

    void set(MailEvent e) {
        boolean cut = userTo - userFrom >= LONGEST_NAME && l.ends("...", userTo);
        e.setSaslUsername(userTo == userFrom || cut ? null : l.string(userFrom, userTo));
        e.setSaslMethod(methodFrom < 0 ? null : l.word(methodFrom, methodTo));
        e.setClientIp(DovecotLines.address(l, remoteFrom, remoteTo));
        e.setLocalIp(localFrom < 0 ? null : DovecotLines.address(l, localFrom, localTo));
        boolean named = sessionFrom >= 0 && sessionTo > sessionFrom && sessionTo - sessionFrom <= LONGEST_SESSION;
        e.setSession(named ? l.string(sessionFrom, sessionTo) : null);
        e.setTls(tls());
    }

    /** The protocol where the format tells it, such as {@code TLSv1.3 with cipher ...}; otherwise TLS or secured. */
    private @Nullable String tls() {
        if (tlsFrom < 0) {
            return null;
        }
        if (l.is("secured", tlsFrom, tlsTo)) {
            return "secured";
        }
        return l.starts("TLSv", tlsFrom) ? l.word(tlsFrom, l.token(tlsFrom, tlsTo)) : "TLS";
    }
}
