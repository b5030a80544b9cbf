package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;

/** Logins that did not succeed: {@code warning: PEER: SASL METHOD authentication failed|aborted...}. */
final class LoginLines {
    private static final String USERNAME = ", sasl_username=";
    private static final String FAILED = " authentication failed";
    private static final String ABORTED = " authentication aborted";

    private final Line l;
    private final Peer peer;

    LoginLines(Line line, Peer peer) {
        this.l = line;
        this.peer = peer;
    }

    /** {@code ... authentication failed[: REASON[, sasl_username=U]]}, the login last, or {@code ... authentication aborted}. */
    Shape read(MailEvent e) {
        int at = peer.read(l.at + 9);
        if (at < 0 || !l.starts(": SASL ", at)) {
            return Shape.UNKNOWN;
        }
        int method = at + 7;
        int to = l.token(method, l.end);
        boolean failed = l.starts(FAILED, to);
        // The client took it back: no password was looked at.
        boolean aborted = l.is(ABORTED, to, l.end);
        if (!failed && !aborted) {
            return Shape.UNKNOWN;
        }
        peer.client(e);
        e.setSaslMethod(l.word(method, to));
        e.setKind(aborted ? "auth_aborted" : failed(e, to + FAILED.length()));
        return Shape.READ;
    }

    /** {@code warning: SASL: Connect to SOCKET failed: WHY}, and what else Postfix cannot do with its authentication server. */
    Shape unavailable(MailEvent e) {
        String phrase = "SASL: ";
        int from = l.at + 9;
        if (!l.starts(phrase, from)) {
            return Shape.UNKNOWN;
        }
        e.setReason(l.word(from + phrase.length(), l.end));
        e.setKind("auth_unavailable");
        return Shape.READ;
    }

    private String failed(MailEvent e, int begin) {
        int from = begin;
        int user = l.find(USERNAME, from);
        int to = user < 0 ? l.end : user;
        if (l.byteAt(from) == ':') {
            from++;
        }
        while (from < to && l.b[from] == ' ') {
            from++;
        }
        if (from < to && !l.is("(reason unavailable)", from, to)) {
            e.setReason(l.word(from, to));
        }
        if (user >= 0) {
            int login = user + USERNAME.length();
            if (login < l.end && !l.is("(unavailable)", login, l.end)) {
                e.setSaslUsername(l.string(login, l.end));
            }
        }
        // Dovecot's penalty for an address outlasts Postfix's patience: a guess that was not judged, or a server that
        // is away.
        return l.is("Connection lost to authentication server", from, to) ? "auth_unanswered" : "auth_failed";
    }
}
