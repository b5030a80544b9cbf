package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What smtpd, cleanup and postscreen decided: {@code ACTION: STAGE from PEER: REPLY; from=<> to=<> proto= helo=<>}. */
final class PolicyLines {
    private static final String LOGIN_NAME = ">: SASL login name ";
    private static final String CLIENT_HOST = ">: Client host ";
    private static final String SENDER = ">: Sender address ";
    /** Behind these two a remote server's own words may stand. */
    private static final String UNDELIVERABLE = SENDER + "rejected: undeliverable address: ";

    private static final String UNVERIFIED = SENDER + "rejected: unverified address: ";
    private static final String NOT_OWNED = ">: Sender address rejected: not owned by user ";
    /** Syslog daemons cut lines, at 1,024 bytes (RFC 3164) or later: what was cut off might have told another story. */
    private static final int SURELY_WHOLE = 1000;

    private final Line l;
    private final Peer peer;
    private final Envelope envelope;
    /** What is being read; until the first line comes, nobody's. */
    private MailEvent e = new MailEvent();

    private int lineBytes;
    private boolean milter;
    private int clientFrom;
    private int clientTo;

    PolicyLines(Line line, Peer peer) {
        this.l = line;
        this.peer = peer;
        this.envelope = new Envelope(line);
    }

    PolicyLines of(MailEvent event, int bytes) {
        e = event;
        lineBytes = bytes;
        return this;
    }

    /** Unknown when the text does not begin with one of the actions. */
    Shape read() {
        int colon = l.find(": ", l.at, Math.min(l.end, l.at + 32));
        if (colon < 0) {
            return Shape.UNKNOWN;
        }
        String action = l.word(l.at, colon);
        if (action.equals("reply filter in") || action.equals("reply filter out")) {
            // smtpd_reject_filter_maps: the refusal itself stands in a line of its own, as it was before the filter.
            e.setAction(action);
            return Shape.READ;
        }
        String kind = kind(action);
        if (kind == null) {
            return Shape.UNKNOWN;
        }
        int at = colon + 2;
        if (isContent(at) || action.endsWith("-header") || action.startsWith("milter-header-")) {
            return content(action, at);
        }
        if (kind.equals("warning")) {
            return Shape.UNKNOWN;
        }
        e.setAction(action);
        e.setKind(kind);
        milter = action.startsWith("milter-") || action.startsWith("proxy-");
        int space = l.token(at, l.end);
        int stop = l.b[space - 1] == ':' ? space - 1 : space;
        if (!l.isToken(at, stop, 30)) {
            e.setKind("other");
            return Shape.BROKEN;
        }
        e.setStage(l.word(at, stop));
        if (stop < space) {
            // A before-queue filter's verdict names no client.
            clientTo = clientFrom;
            reply(space + 1);
            return Shape.READ;
        }
        int end = l.starts(" from ", space) ? peer.read(space + 6) : -1;
        if (end < 0) {
            return Shape.READ;
        }
        peer.client(e);
        clientFrom = space + 6;
        clientTo = end;
        if (l.starts(": ", end)) {
            reply(end + 2);
        } else if (l.byteAt(end) == ';') {
            envelope.read(e, Math.min(end + 2, l.end), l.end, milter, lineBytes);
        }
        return Shape.READ;
    }

    private static @Nullable String kind(String action) {
        return switch (action) {
            case "reject", "proxy-reject" -> "rejected";
            case "hold", "milter-hold" -> "held";
            case "milter-reject" -> "milter_reject";
            case "warning" -> "warning";
            case "reject_warning",
                    "warn",
                    "info",
                    "filter",
                    "discard",
                    "redirect",
                    "prepend",
                    "replace",
                    "strip",
                    "ignore",
                    "pass",
                    "bcc",
                    "permit",
                    "trace",
                    "delay",
                    "milter-discard",
                    "milter-shutdown",
                    "proxy-accept" -> "other";
            default -> action.startsWith("milter-") ? "other" : null;
        };
    }

    private boolean isContent(int at) {
        return l.starts("header ", at)
                || l.starts("body ", at)
                || l.starts("content ", at)
                || l.starts("mime-error ", at)
                || l.starts("nested header ", at)
                || l.starts("MIME header ", at);
    }

    /**
     * {@code ACTION: header TEXT from PEER; from=<> to=<> proto= helo=<>[: WORDS]}. The text is the sender's and is not kept. The
     * fields behind it are believed only when the line holds a single place where they can begin.
     */
    private Shape content(String action, int at) {
        e.setKind("header_check");
        e.setAction(action);
        e.setStage(l.word(at, l.token(at, l.end)));
        int begin = -1;
        for (int i = l.find("; from=<", at); i >= 0; i = l.find("; from=<", i + 1)) {
            if (begin >= 0) {
                return Shape.READ;
            }
            begin = i;
        }
        int from = begin < 0 ? -1 : l.findLast(" from ", at, begin);
        if (from < 0) {
            return Shape.READ;
        }
        boolean local = l.is("local", from + 6, begin);
        if (!local && peer.read(from + 6) != begin) {
            return Shape.READ;
        }
        int end = l.end;
        int words = l.find(">: ", begin);
        if (words >= 0) {
            if (l.find(">: ", words + 1) >= 0 || l.find(" proto=", words) >= 0 || l.find(" to=<", words) >= 0) {
                return Shape.READ;
            }
            end = words + 1;
        }
        if (!local) {
            peer.client(e);
        }
        envelope.read(e, begin + 2, end, true, lineBytes);
        return Shape.READ;
    }

    /** {@code [CODE ][DSN ]WHY; from=<...}: where the end of WHY could be at two places, no field behind it is believed. */
    private void reply(int begin) {
        int tail = tail(begin);
        boolean certain = tail >= 0 && tail(tail + 1) < 0;
        int end = tail < 0 ? l.end : tail;
        if (tail < 0 && end > begin && l.b[end - 1] == ';') {
            end--;
        }
        int at = begin;
        if (l.byteAt(at + 3) == ' ' || at + 3 == end) {
            long code = l.number(at, Math.min(at + 3, end));
            if (code >= 200 && code < 600) {
                e.setReplyCode(code);
                at = Math.min(at + 4, end);
            }
        }
        int space = l.token(at, end);
        if (isDsn(at, space)) {
            e.setDsn(l.word(at, space));
            at = Math.min(space + 1, end);
        }
        if (at < end) {
            e.setReason(l.string(at, end));
        }
        if (e.getAction().equals("proxy-accept")) {
            nextQueueId(at, end);
        }
        if (certain && envelope.read(e, tail + 2, l.end, milter, lineBytes) && !milter) {
            refusedByMap(at, end);
        }
    }

    private int tail(int from) {
        for (int i = l.find("; ", from); i >= 0; i = l.find("; ", i + 1)) {
            if (l.starts("from=<", i + 2) || l.starts("to=<", i + 2) || l.starts("proto=", i + 2)) {
                return i;
            }
        }
        return -1;
    }

    /** Class, subject and detail of RFC 3463. */
    private boolean isDsn(int from, int to) {
        if (to - from < 5 || l.b[from] < '2' || l.b[from] > '5' || l.b[from + 1] != '.') {
            return false;
        }
        int dot = l.find('.', from + 2, to);
        return dot > 0 && l.number(from + 2, dot) >= 0 && l.number(dot + 1, to) >= 0;
    }

    private void nextQueueId(int from, int to) {
        int phrase = l.find("queued as ", from, to);
        int id = phrase + 10;
        if (phrase >= 0 && l.isQueueId(id, l.alnumEnd(id, to))) {
            e.setNextQueueId(l.string(id, l.alnumEnd(id, to)));
        }
    }

    /**
     * {@code <USER>: SASL login name rejected: WORDS} and {@code <NAME[ADDRESS]>: Client host rejected: WORDS}: the map's
     * answer says whom it refused, and its words name a block ({@code [pb:ID]}); so does {@code <SENDER>: Sender address rejected:
     * WORDS}, but for what a remote server said of the sender. {@code <SENDER>: Sender address rejected: not owned by user LOGIN} names the login, before 3.10 at no other place of the line. Recipients and senders stand at the same
     * place, so the phrase counts only as the first and only one of its form, and a client only if it is the line's own.
     */
    private void refusedByMap(int from, int to) {
        int phrase = l.find(">: ", from, to);
        if (l.byteAt(from) != '<' || phrase < 0 || l.find(">: ", phrase + 1, to) >= 0) {
            return;
        }
        if (l.starts(LOGIN_NAME, phrase)) {
            e.setSaslUsername(l.string(from + 1, phrase));
            blockRef("sasl_user", phrase, to);
        } else if (l.starts(CLIENT_HOST, phrase) && isClient(from + 1, phrase)) {
            blockRef("client", phrase, to);
        } else if (l.starts(SENDER, phrase) && isSender(from + 1, phrase)) {
            sender(phrase, to);
        }
    }

    private void sender(int phrase, int to) {
        if (l.starts(NOT_OWNED, phrase)) {
            int login = phrase + NOT_OWNED.length();
            if (e.getSaslUsername() == null && login < to && lineBytes < SURELY_WHOLE) {
                e.setSaslUsername(l.string(login, to));
            }
        } else if (!l.starts(UNDELIVERABLE, phrase) && !l.starts(UNVERIFIED, phrase)) {
            blockRef("relay_sender", phrase, to);
        }
    }

    /** Whether the text is the line's own envelope sender. */
    private boolean isSender(int from, int to) {
        return e.getFrom() != null && e.getFrom().equals(l.string(from, to));
    }

    /** Whether the text is the line's own {@code NAME[ADDRESS][:PORT]}. */
    private boolean isClient(int from, int to) {
        return clientTo > clientFrom && Arrays.equals(l.b, clientFrom, clientTo, l.b, from, to);
    }

    private void blockRef(String refused, int from, int to) {
        int open = l.find("[pb:", from, to);
        int close = open < 0 ? -1 : l.find(']', open, to);
        if (close >= 0 && l.isToken(open + 4, close, 64)) {
            e.setBlockRef(l.string(open + 4, close));
            e.setBlockSubjectType(refused);
        }
    }
}
