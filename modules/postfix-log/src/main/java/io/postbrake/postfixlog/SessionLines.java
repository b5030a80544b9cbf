package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;

/** What servers say of a session: it began, ended, broke off, was encrypted, logged in or failed to. */
final class SessionLines {
    private static final String USERNAME = ", sasl_username=";
    private static final String SENDER = ", sasl_sender=";
    private static final String EXCEEDED = " exceeded: ";
    private static final String[] LIMITED = {
        "Connection rate limit",
        "Connection concurrency limit",
        "Message delivery request rate limit",
        "Recipient address rate limit",
        "New TLS session rate limit",
        "AUTH command rate limit"
    };

    private final Line l;
    private final Peer peer;
    /** What is being read; until the first line comes, nobody's. */
    private MailEvent e = new MailEvent();

    SessionLines(Line line, Peer peer) {
        this.l = line;
        this.peer = peer;
    }

    SessionLines of(MailEvent event) {
        e = event;
        return this;
    }

    /** {@code connect from PEER}. */
    Shape connect() {
        if (peer.read(l.at + 13) < 0) {
            return Shape.BROKEN;
        }
        peer.client(e);
        return kind("connect");
    }

    /** {@code disconnect from PEER [command=SUCCEEDED[/ALL]]...}. */
    Shape disconnect() {
        int at = peer.read(l.at + 16);
        if (at < 0) {
            return Shape.BROKEN;
        }
        peer.client(e);
        while (at < l.end) {
            int from = at + 1;
            int to = l.token(from, l.end);
            at = to;
            int equals = l.find('=', from, to);
            if (equals < 0) {
                continue;
            }
            int slash = l.find('/', equals, to);
            long ok = l.number(equals + 1, slash < 0 ? to : slash);
            long all = slash < 0 ? ok : l.number(slash + 1, to);
            if (ok >= 0 && all >= 0) {
                count(from, equals, ok, all);
            }
        }
        return kind("disconnect");
    }

    private void count(int from, int to, long ok, long all) {
        if (l.is("auth", from, to)) {
            e.setAuthCount(ok);
            e.setAuthTotal(all);
        } else if (l.is("mail", from, to)) {
            e.setMailCount(ok);
            e.setMailTotal(all);
        } else if (l.is("rcpt", from, to)) {
            e.setRcptCount(ok);
            e.setRcptTotal(all);
        } else if (l.is("commands", from, to)) {
            e.setCommandCount(ok);
            e.setCommandTotal(all);
        }
    }

    /**
     * {@code client=PEER[, sasl_method=M, sasl_username=U][, sasl_sender=S][, orig_queue_id=Q][, orig_client=PEER]}. The login
     * may hold commas, so the filter's fields are taken from the right, and only from a client inside; a login that itself holds
     * {@code , sasl_sender=} ends there, because who is logged in can append that text at will.
     */
    Shape client() {
        int at = peer.read(l.at + 7);
        if (at < 0) {
            return Shape.BROKEN;
        }
        peer.client(e);
        boolean inside = peer.isInside();
        int to = l.end;
        boolean login = false;
        if (l.starts(", sasl_method=", at)) {
            int method = at + 14;
            int user = l.find(USERNAME, method);
            e.setSaslMethod(l.word(method, user < 0 ? to : user));
            if (user < 0) {
                return kind("client");
            }
            at = user + USERNAME.length();
            login = true;
        }
        if (!login || inside) {
            to = original(at, to);
        }
        // MAIL AUTH= may hold spaces within quotes and so a second of its kind: the first one ends the login.
        int sender = l.find(SENDER, at, to);
        if (sender >= 0) {
            e.setSaslSender(l.address(sender + SENDER.length(), to));
            to = sender;
        }
        if (login) {
            e.setSaslUsername(l.string(at, to));
        } else if (l.starts(", helo=", at)) {
            e.setHelo(l.string(at + 7, to));
        }
        return kind("client");
    }

    private int original(int from, int to) {
        int end = to;
        int client = l.findLast(", orig_client=", from, end);
        if (client >= 0 && peer.read(client + 14) == end && peer.hasIp()) {
            peer.original(e);
            end = client;
        }
        int queue = l.findLast(", orig_queue_id=", from, end);
        if (queue >= 0 && l.isQueueId(queue + 16, end)) {
            e.setOrigQueueId(l.string(queue + 16, end));
            end = queue;
        }
        return end;
    }

    /** {@code lost connection|timeout|too many errors after STAGE [(N bytes)] from PEER}. */
    Shape lost(String what) {
        int stage = l.at + what.length() + 7;
        int from = l.find(" from ", stage);
        if (!l.starts(" after ", stage - 7) || from < 0 || peer.read(from + 6) < 0) {
            return Shape.UNKNOWN;
        }
        peer.client(e);
        e.setStage(l.word(stage, Math.min(l.token(stage, from), from)));
        e.setAction(what);
        return kind("lost_connection");
    }

    /** {@code [LEVEL ]TLS connection established|reused from|to PEER: PROTOCOL with cipher ...}. */
    Shape tls(int at) {
        int i = l.starts("established ", at) ? at + 12 : l.starts("reused ", at) ? at + 7 : -1;
        if (i >= 0 && l.starts("from ", i)) {
            int to = peer.read(i + 5);
            if (to < 0) {
                return Shape.BROKEN;
            }
            peer.client(e);
            protocol(to);
            return kind("tls");
        }
        if (i >= 0 && l.starts("to ", i)) {
            int to = l.find(": ", i, l.end);
            if (to >= 0) {
                e.setRelay(l.word(i + 3, to));
                protocol(to);
            }
            return kind("tls");
        }
        return Shape.UNKNOWN;
    }

    private void protocol(int at) {
        if (l.starts(": ", at)) {
            e.setTls(l.word(at + 2, l.token(at + 2, l.end)));
        }
    }

    /** {@code WHAT limit exceeded: N from PEER for service S}; only what smtpd counts, for a header may say the same. */
    Shape limit() {
        for (String limited : LIMITED) {
            int exceeded = l.at + 9 + limited.length();
            if (l.starts(limited, l.at + 9) && l.starts(EXCEEDED, exceeded)) {
                int to = l.token(exceeded + EXCEEDED.length(), l.end);
                if (!l.starts(" from ", to) || peer.read(to + 6) < 0) {
                    return Shape.UNKNOWN;
                }
                peer.client(e);
                e.setAction(limited);
                return Shape.READ;
            }
        }
        return Shape.UNKNOWN;
    }

    /**
     * Complaints that name a client right after {@code phrase} and then quote what it sent. The quote is never kept: after a
     * failed login it may be a password.
     */
    Shape complaint(String phrase) {
        if (!l.starts(phrase)) {
            return Shape.UNKNOWN;
        }
        int at = peer.read(l.at + phrase.length());
        if (at < 0) {
            return Shape.UNKNOWN;
        }
        peer.client(e);
        return Shape.READ;
    }

    /** {@code improper command pipelining after STAGE from PEER[: ESCAPED]}. */
    Shape pipelining() {
        String phrase = "improper command pipelining after ";
        int stage = l.at + phrase.length();
        int to = l.token(stage, l.end);
        if (!l.starts(phrase) || !l.starts(" from ", to) || peer.read(to + 6) < 0) {
            return Shape.UNKNOWN;
        }
        peer.client(e);
        e.setStage(l.word(stage, to));
        e.setAction("improper command pipelining");
        return Shape.READ;
    }

    /** {@code warning: hostname H does not resolve to address A[: WHY]} and two older wordings. */
    Shape unverified() {
        int from = l.at + 9;
        if (l.starts("hostname ", from)) {
            int to = l.token(from + 9, l.end);
            String phrase = " does not resolve to address ";
            int ip = to + phrase.length();
            return l.starts(phrase, to) ? address(ip, addressEnd(ip)) : Shape.UNKNOWN;
        }
        int ip = l.starts("smtpd_peer_init: ", from) ? from + 17 : from;
        int to = addressEnd(ip);
        return l.starts(": hostname ", to) || l.starts(": address not listed for hostname ", to)
                ? address(ip, to)
                : Shape.UNKNOWN;
    }

    /** {@code statistics: ... for (SERVICE:ADDRESS) at DATE}: both may hold colons, so the longest address at the end counts. */
    Shape statistics() {
        int open = l.find(" for (", l.at);
        int close = open < 0 ? -1 : l.find(')', open, l.end);
        for (int i = open + 6; close >= 0 && i < close; i++) {
            if (l.b[i] == ':' && l.isIp(i + 1, close)) {
                return address(i + 1, close);
            }
        }
        return Shape.READ;
    }

    /** Cyrus' own words before the line that names the client: neither client nor login. */
    Shape cyrus() {
        for (String what : new String[] {"SASL authentication failure", "SASL authentication problem"}) {
            if (l.starts(what, l.at + 9) && l.starts(": ", l.at + 9 + what.length())) {
                e.setAction(what);
                return Shape.READ;
            }
        }
        return Shape.UNKNOWN;
    }

    /** {@code addr ADDRESS listed by domain D as A}. */
    Shape listed() {
        int to = l.token(l.at + 5, l.end);
        return l.starts(" listed by domain ", to) ? address(l.at + 5, to) : Shape.UNKNOWN;
    }

    private int addressEnd(int from) {
        int to = l.token(from, l.end);
        int colon = l.find(": ", from, Math.min(l.end, to + 1));
        return colon < 0 ? to : colon;
    }

    private Shape address(int from, int to) {
        if (!l.isIp(from, to)) {
            return Shape.UNKNOWN;
        }
        e.setClientIp(l.word(from, to));
        return Shape.READ;
    }

    private Shape kind(String kind) {
        e.setKind(kind);
        return Shape.READ;
    }
}
