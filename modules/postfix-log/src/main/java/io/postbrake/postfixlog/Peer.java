package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;

/** A client or server as {@code NAME[ADDRESS]} or {@code NAME[ADDRESS]:PORT}. */
final class Peer {
    private static final int LONGEST_ADDRESS = 60;

    private final Line l;
    private int nameFrom;
    private int nameTo;
    private int ipFrom;
    private int ipTo;
    private long port;

    Peer(Line line) {
        l = line;
    }

    /** Index after the peer that begins at {@code at}, or -1. */
    int read(int at) {
        int open = l.find('[', at, l.end);
        if (open < 0 || !isName(at, open)) {
            return -1;
        }
        int close = l.find(']', open, Math.min(l.end, open + LONGEST_ADDRESS));
        if (close < 0) {
            return -1;
        }
        nameFrom = at;
        nameTo = open;
        ipFrom = open + 1;
        int zone = l.find('%', ipFrom, close);
        ipTo = zone < 0 ? close : zone;
        if (zone >= 0 && !isName(zone + 1, close)) {
            return -1;
        }
        if (!l.isIp(ipFrom, ipTo)) {
            if (!l.is("unknown", ipFrom, close)) {
                return -1;
            }
            ipTo = ipFrom;
        }
        port = -1;
        int i = close + 1;
        if (l.byteAt(i) == ':') {
            int to = l.alnumEnd(i + 1, l.end);
            long number = l.number(i + 1, to);
            if (number >= 0 && number <= 65535) {
                port = number;
                return to;
            }
            return l.is("unknown", i + 1, to) ? to : i;
        }
        return i;
    }

    /**
     * What Postfix takes for a host's name: letters, digits, dash, dot and underscore; an interface's name, which is an
     * address's zone, has no others. postscreen's clients have none.
     */
    private boolean isName(int from, int to) {
        boolean name = true;
        for (int i = from; i < to; i++) {
            byte c = l.b[i];
            name &= Line.isAlnum(c) || c == '-' || c == '.' || c == '_';
        }
        return name;
    }

    /** Whether the address was known; {@code unknown[unknown]} is a peer too. */
    boolean hasIp() {
        return ipTo > ipFrom;
    }

    /** Loopback, private and link-local: where a content filter lives. */
    boolean isInside() {
        if (!hasIp()) {
            return false;
        }
        if (l.starts("127.", ipFrom)
                || l.starts("10.", ipFrom)
                || l.starts("192.168.", ipFrom)
                || l.is("::1", ipFrom, ipTo)
                || l.starts("fe80:", ipFrom)) {
            return true;
        }
        if (l.starts("172.", ipFrom)) {
            long second = l.number(ipFrom + 4, l.find('.', ipFrom + 4, ipTo));
            return second >= 16 && second <= 31;
        }
        return (l.starts("fc", ipFrom) || l.starts("fd", ipFrom)) && l.byteAt(ipFrom + 4) == ':';
    }

    void client(MailEvent e) {
        e.setClientName(nameFrom == nameTo ? null : l.word(nameFrom, nameTo));
        e.setClientIp(hasIp() ? l.word(ipFrom, ipTo) : null);
        e.setClientPort(port < 0 ? null : port);
    }

    /** Puts the true client, which a filter passed on, before the connecting one. */
    void original(MailEvent e) {
        e.setProxyIp(e.getClientIp());
        client(e);
        e.setClientPort(null);
    }
}
