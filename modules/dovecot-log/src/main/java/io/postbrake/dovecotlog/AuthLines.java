package io.postbrake.dovecotlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;

/**
 * What the authentication server says of one password database: {@code auth: DB(U,R[,master][,<S>]): WHY} up to 2.3,
 * {@code auth(U,R,sasl:M[,master])<S>: DB: WHY} since 2.4. With several databases a login that succeeds leaves such lines,
 * too, so that they tell why and never how many. U may be any text, and WHY may end in the password that was given: where more
 * than one place could be the end of U, nothing is read, and what WHY has in brackets is left out.
 */
final class AuthLines {
    private static final String MASTER = "Master user logging in as ";
    private static final int LONGEST_NAME = 64;

    private final Line l;
    private int nameTo;
    private int ipTo;
    private int close;
    private boolean master;
    private int sessionFrom;
    private int sessionTo;

    AuthLines(Line line) {
        l = line;
    }

    boolean read(MailEvent e, int from) {
        boolean before = l.starts("auth(", from);
        int open;
        if (before) {
            open = from + 4;
        } else if (l.starts("auth: ", from) || l.starts("auth-worker(", from)) {
            open = database(from);
        } else {
            return false;
        }
        if (open < 0 || !tuple(open + 1, before)) {
            return false;
        }
        int text = DovecotLines.text(l, close + 3 + (before && sessionFrom >= 0 ? sessionTo - sessionFrom + 2 : 0));
        int colon = before ? l.find(": ", text) : -1;
        int why = colon < 0 || l.starts(MASTER, text) ? text : colon + 2;
        boolean cut = nameTo - open - 1 >= LONGEST_NAME && l.ends("...", nameTo);
        String name = cut || nameTo == open + 1 ? null : l.string(open + 1, nameTo);
        e.setKind("login_reason");
        e.setClientIp(DovecotLines.address(l, nameTo + 1, ipTo));
        e.setSession(sessionFrom < 0 ? null : l.string(sessionFrom, sessionTo));
        if (l.starts(MASTER, why)) {
            e.setMasterUser(name);
            e.setSaslUsername(l.string(why + MASTER.length(), l.end));
            e.setReason("Master user logging in");
            return true;
        }
        if (master) {
            e.setMasterUser(name);
        } else {
            e.setSaslUsername(name);
        }
        int bracket = l.find(" (", why);
        e.setReason(l.word(why, bracket < 0 ? l.end : bracket));
        return true;
    }

    /** Where the bracket behind the database's name opens: the first one behind the last process of Dovecot's own. */
    private int database(int from) {
        int process = l.starts("auth: ", from) ? from + 4 : l.find("): ", from) + 1;
        if (process <= from) {
            return -1;
        }
        int at = process + 2;
        at = DovecotLines.text(l, at);
        if (l.starts("conn unix:", at)) {
            int worker = l.find("auth-worker<", at);
            int end = worker < 0 ? -1 : l.find(">: ", worker);
            at = end < 0 ? at : end + 3;
        }
        int open = l.find('(', at, l.end);
        for (int i = at; i < open; i++) {
            if (!Line.isAlnum(l.b[i]) && l.b[i] != '-') {
                return -1;
            }
        }
        return open;
    }

    /** {@code U,R,...): } with a U that ends at one place only. */
    private boolean tuple(int from, boolean before) {
        int found = 0;
        for (int comma = l.find(',', from, l.end); comma >= 0; comma = l.find(',', comma + 1, l.end)) {
            found += ends(comma, before) ? 1 : 0;
        }
        if (found != 1) {
            return false;
        }
        for (int comma = l.find(',', from, l.end); comma >= 0; comma = l.find(',', comma + 1, l.end)) {
            if (ends(comma, before)) {
                nameTo = comma;
                return true;
            }
        }
        return false;
    }

    private boolean ends(int comma, boolean before) {
        int stop = comma + 1;
        while (stop < l.end && l.b[stop] != ',' && l.b[stop] != ')') {
            stop++;
        }
        if (!l.isIp(comma + 1, stop)) {
            return false;
        }
        ipTo = stop;
        master = false;
        sessionFrom = -1;
        int at = stop;
        while (l.byteAt(at) == ',') {
            int next = at + 1;
            if (l.starts("master", next)) {
                master = true;
                at = next + 6;
            } else if (before && l.starts("sasl:", next)) {
                at = word(next + 5);
            } else if (!before && l.byteAt(next) == '<') {
                at = session(next);
            } else {
                return false;
            }
            if (at < 0) {
                return false;
            }
        }
        if (l.byteAt(at) != ')') {
            return false;
        }
        close = at;
        int behind = before && l.byteAt(at + 1) == '<' ? session(at + 1) : at + 1;
        return behind > 0 && l.starts(": ", behind);
    }

    private int word(int from) {
        int i = from;
        while (Line.isAlnum(l.byteAt(i)) || l.byteAt(i) == '-') {
            i++;
        }
        return i;
    }

    private int session(int open) {
        int i = open + 1;
        while (Line.isAlnum(l.byteAt(i)) || l.byteAt(i) == '+' || l.byteAt(i) == '/' || l.byteAt(i) == '=') {
            i++;
        }
        if (l.byteAt(i) != '>') {
            return -1;
        }
        sessionFrom = open + 1;
        sessionTo = i;
        return i + 1;
    }
}
