package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;

/** The text of one Postfix line after its header: tells the shape by its first words and hands it to the reader of its family. */
final class Message {
    private final Line l;
    private final SessionLines sessions;
    private final LoginLines logins;
    private final QueueLines queue;
    private final PolicyLines policy;
    private final PostscreenLines postscreen;

    Message(Line line) {
        Peer peer = new Peer(line);
        l = line;
        sessions = new SessionLines(line, peer);
        logins = new LoginLines(line, peer);
        queue = new QueueLines(line);
        policy = new PolicyLines(line, peer);
        postscreen = new PostscreenLines(line, peer);
    }

    /** Sets the kind and fields of {@code e}; {@code lineBytes} is the length of the whole line. */
    Shape read(MailEvent e, Program program, int lineBytes) {
        queueId(e);
        if (!program.known()) {
            return Shape.UNKNOWN;
        }
        Shape shape = byFirstWord(e, program);
        if (shape != Shape.UNKNOWN) {
            return shape;
        }
        shape = policy.of(e, lineBytes).read();
        if (shape != Shape.UNKNOWN) {
            return shape;
        }
        return switch (program.daemon()) {
            case "postscreen" -> postscreen.read(e, "postscreen");
            // It has the client from postscreen, and no verdict of its own.
            case "tlsproxy" -> postscreen.read(e, "other");
            default -> Shape.UNKNOWN;
        };
    }

    private Shape byFirstWord(MailEvent e, Program program) {
        switch (l.byteAt(l.at)) {
            case 'c' -> {
                if (l.starts("connect from ")) {
                    return sessions.of(e).connect();
                }
                if (l.starts("client=")) {
                    return sessions.of(e).client();
                }
                if (l.starts("connect to ")) {
                    return queue.of(e).interim("connect to ");
                }
                return l.starts("conversation with ") ? queue.of(e).interim("conversation with ") : Shape.UNKNOWN;
            }
            case 'd' -> {
                return l.starts("disconnect from ") ? sessions.of(e).disconnect() : Shape.UNKNOWN;
            }
            case 'f' -> {
                if (l.starts("from=")) {
                    return queue.of(e).from();
                }
                return l.starts("fatal: append file ") ? fatal(e) : Shape.UNKNOWN;
            }
            case 't' -> {
                if (l.starts("to=")) {
                    return queue.of(e).delivery();
                }
                if (l.starts("timeout")) {
                    return sessions.of(e).lost("timeout");
                }
                return l.starts("too many errors") ? sessions.of(e).lost("too many errors") : Shape.UNKNOWN;
            }
            case 'm' -> {
                return l.starts("message-id=") ? queue.of(e).messageId(l.at + 11) : Shape.UNKNOWN;
            }
            case 'r' -> {
                return removedOrResent(e);
            }
            case 'u' -> {
                if (l.starts("uid=")) {
                    return queue.of(e).pickup();
                }
                return l.starts("using backwards-compatible default setting ") ? Shape.READ : Shape.UNKNOWN;
            }
            case 'w' -> {
                return l.starts("warning: ") ? warning(e) : Shape.UNKNOWN;
            }
            case 'l' -> {
                if (l.starts("lost connection with ")) {
                    return queue.of(e).interim("lost connection with ");
                }
                return l.starts("lost connection") ? sessions.of(e).lost("lost connection") : Shape.UNKNOWN;
            }
            case 'h' -> {
                return l.starts("host ") ? queue.of(e).interim("host ") : Shape.UNKNOWN;
            }
            case 'i' -> {
                return sessions.of(e).pipelining();
            }
            case 'p' -> {
                return l.is("placed on hold", l.at, l.end) ? onHold(e) : notification(e, program);
            }
            case 's' -> {
                return s(e, program);
            }
            case 'a' -> {
                return l.starts("addr ") ? sessions.of(e).listed() : Shape.UNKNOWN;
            }
            default -> {
                return tls(e);
            }
        }
    }

    private Shape removedOrResent(MailEvent e) {
        if (l.starts("removed")) {
            return removed(e);
        }
        if (l.is("released from hold", l.at, l.end) || l.is("requeued", l.at, l.end)) {
            e.setAction(l.word(l.at, l.end));
            return Shape.READ;
        }
        return l.starts("resent-message-id=") ? queue.of(e).messageId(l.at + 18) : Shape.UNKNOWN;
    }

    /** {@code removed}, and since 3.10 {@code removed (canceled|discarded)} of what never was in the queue. */
    private Shape removed(MailEvent e) {
        int from = l.at + 7;
        if (from < l.end) {
            boolean canceled = l.is(" (canceled)", from, l.end);
            if (!canceled && !l.is(" (discarded)", from, l.end)) {
                return Shape.UNKNOWN;
            }
            e.setStatus(canceled ? "canceled" : "discarded");
        }
        e.setKind("removed");
        return Shape.READ;
    }

    private Shape s(MailEvent e, Program program) {
        if (l.starts("status=")) {
            return queue.of(e).status();
        }
        if (l.starts("statistics: ")) {
            return sessions.of(e).statistics();
        }
        if (l.starts("setting up TLS connection from ")) {
            return sessions.of(e).complaint("setting up TLS connection from ");
        }
        return notification(e, program);
    }

    private Shape notification(MailEvent e, Program program) {
        return switch (program.daemon()) {
            case "bounce", "defer", "trace" -> queue.of(e).notification();
            default -> Shape.UNKNOWN;
        };
    }

    private static Shape onHold(MailEvent e) {
        e.setKind("held");
        e.setAction("hold");
        return Shape.READ;
    }

    private Shape tls(MailEvent e) {
        if (l.starts("SSL_accept error from ")) {
            return sessions.of(e).complaint("SSL_accept error from ");
        }
        int at = l.at;
        for (String level : new String[] {"Anonymous ", "Untrusted ", "Trusted ", "Verified "}) {
            if (l.starts(level)) {
                at += level.length();
                break;
            }
        }
        return l.starts("TLS connection ", at) ? sessions.of(e).tls(at + 15) : Shape.UNKNOWN;
    }

    private Shape warning(MailEvent e) {
        int warned = warnedQueueId(e);
        Shape shape = logins.read(e);
        if (shape == Shape.UNKNOWN) {
            shape = logins.unavailable(e);
        }
        if (shape == Shape.UNKNOWN) {
            shape = sessions.of(e).limit();
        }
        if (shape == Shape.UNKNOWN) {
            shape = sessions.cyrus();
        }
        if (shape == Shape.UNKNOWN) {
            shape = sessions.unverified();
        }
        if (shape == Shape.UNKNOWN) {
            shape = sessions.complaint("warning: non-SMTP command from ");
        }
        if (shape == Shape.UNKNOWN) {
            shape = sessions.complaint("warning: Illegal address syntax from ");
        }
        if (shape == Shape.UNKNOWN) {
            shape = queue.of(e).notificationFailed(warned);
        }
        return shape == Shape.UNKNOWN ? settings() : shape;
    }

    /** {@code QID: ...}; {@code NOQUEUE: ...} is skipped. */
    void queueId(MailEvent e) {
        int from = l.at;
        int to = l.find(':', from, Math.min(l.end, from + 32));
        if (to <= from || l.byteAt(to + 1) != ' ') {
            return;
        }
        if (l.is("NOQUEUE", from, to)) {
            l.at = to + 2;
        } else if (l.isQueueId(from, to) || (isHex(from, to) && isQueueText(to + 2))) {
            e.setQueueId(l.string(from, to));
            l.at = to + 2;
        }
    }

    private boolean isHex(int from, int to) {
        for (int i = from; i < to; i++) {
            if (!((l.b[i] >= '0' && l.b[i] <= '9') || (l.b[i] >= 'A' && l.b[i] <= 'F'))) {
                return false;
            }
        }
        return true;
    }

    private boolean isQueueText(int at) {
        return l.starts("from=<", at) || l.starts("to=<", at) || l.starts("client=", at) || l.starts("message-id=", at);
    }

    /** {@code warning: [QID: ]...}: where the text begins. */
    private int warnedQueueId(MailEvent e) {
        int from = l.at + 9;
        int to = l.alnumEnd(from, Math.min(l.end, from + 31));
        if (e.getQueueId() == null && l.starts(": ", to) && l.isQueueId(from, to)) {
            e.setQueueId(l.string(from, to));
            return to + 2;
        }
        return from;
    }

    /**
     * What a server says of its own settings or of a balancer's header. The header is the client's text, and is not kept.
     */
    private Shape settings() {
        boolean known = l.starts("haproxy read: ", l.at + 9)
                || (l.starts("restriction `", l.at + 9) && l.ends(" ignored: no SASL support", l.end));
        return known ? Shape.READ : Shape.UNKNOWN;
    }

    /** {@code fatal: append file defer QID: ...}. */
    private Shape fatal(MailEvent e) {
        int from = l.token(l.at + 19, l.end) + 1;
        int to = l.alnumEnd(from, l.end);
        if (e.getQueueId() == null && l.starts(": ", to) && l.isQueueId(from, to)) {
            e.setQueueId(l.string(from, to));
        }
        return Shape.READ;
    }
}
