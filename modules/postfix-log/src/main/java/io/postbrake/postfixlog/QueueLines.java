package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;

/** The life of a queued message: its id, sender, recipients, deliveries and end. */
final class QueueLines {
    private static final String RELAY = ">, relay=";
    private static final String ORIG_TO = ">, orig_to=<";

    private final Line l;
    /** What is being read; until the first line comes, nobody's. */
    private MailEvent e = new MailEvent();

    QueueLines(Line line) {
        this.l = line;
    }

    QueueLines of(MailEvent event) {
        e = event;
        return this;
    }

    /** {@code [resent-]message-id=<M>}: brackets are optional, may be cut, and text may follow. */
    Shape messageId(int from) {
        boolean bracket = l.byteAt(from) == '<';
        int close = bracket ? l.find('>', from, l.end) : -1;
        e.setMessageId(l.string(bracket ? from + 1 : from, close < 0 ? l.end : close));
        return kind("message_id");
    }

    /** {@code from=<A>, size=N, nrcpt=N (queue active)} or {@code from=<A>, status=expired, returned to sender}. */
    Shape from() {
        int from = l.at + 5;
        int status = l.findLast(", status=", from, l.end);
        if (status >= 0 && l.ends(", returned to sender", l.end)) {
            int comma = l.end - 20;
            if (l.is("expired", status + 9, comma) || l.is("force-expired", status + 9, comma)) {
                e.setFrom(l.address(from, status));
                e.setStatus(l.word(status + 9, comma));
                e.setReason("returned to sender");
                return kind("expired");
            }
        }
        int size = l.findLast(", size=", from, l.end);
        int nrcpt = size < 0 ? -1 : l.find(", nrcpt=", size);
        int active = nrcpt < 0 ? -1 : l.find(" (queue active)", nrcpt);
        if (active < 0) {
            return Shape.BROKEN;
        }
        long bytes = l.number(size + 7, nrcpt);
        long recipients = l.number(nrcpt + 8, active);
        if (bytes < 0 || recipients < 0) {
            return Shape.BROKEN;
        }
        e.setFrom(l.address(from, size));
        e.setSize(bytes);
        e.setNrcpt(recipients);
        return kind("queued");
    }

    /** {@code to=<A>[, orig_to=<A>], relay=..., ..., status=WORD (TEXT)}; the text is the last field and may hold anything. */
    Shape delivery() {
        int to = endOfAddress(l.at + 3);
        if (to < 0) {
            return Shape.BROKEN;
        }
        int origFrom = -1;
        int at = to;
        if (l.starts(", orig_to=", at)) {
            origFrom = at + 10;
            at = endOfAddress(origFrom);
        }
        if (at < 0 || !l.starts(", relay=", at)) {
            return Shape.BROKEN;
        }
        int status = l.find(", status=", at);
        if (status < 0) {
            return Shape.BROKEN;
        }
        if (l.find(RELAY, at + 1, status) >= 0 || again(status)) {
            return Shape.READ;
        }
        if (!fields(at + 2, status)) {
            return Shape.BROKEN;
        }
        e.setTo(l.address(l.at + 3, to));
        if (origFrom >= 0) {
            e.setOrigTo(l.address(origFrom, at));
        }
        outcome(status + 9);
        return kind("delivery");
    }

    /**
     * Before 3.5 a recipient is logged without quotes, may itself begin with some, and could hold a whole delivery: then no
     * part can be told.
     */
    private boolean again(int status) {
        int relay = l.find(RELAY, status);
        return relay >= 0 && l.find(", status=", relay) >= 0;
    }

    private int endOfAddress(int from) {
        if (l.starts("<\"", from)) {
            int close = endOfQuotes(from + 1);
            int end = close < 0 ? -1 : l.find(">, ", close);
            return end < 0 ? -1 : end + 1;
        }
        if (l.byteAt(from) == '<') {
            // Far the most addresses hold no bracket.
            int close = l.find('>', from, l.end);
            if (close >= 0 && (l.starts(RELAY, close) || l.starts(ORIG_TO, close))) {
                return close + 1;
            }
            int relay = l.find(RELAY, from);
            int original = l.find(ORIG_TO, from);
            int end = original >= 0 && original < relay ? original : relay;
            return end < 0 ? -1 : end + 1;
        }
        return l.find(", ", from);
    }

    /** Index of the quote that closes the one at {@code open}, or -1. */
    private int endOfQuotes(int open) {
        for (int i = open + 1; i < l.end; i++) {
            if (l.b[i] == '\\') {
                i++;
            } else if (l.b[i] == '"') {
                return i;
            }
        }
        return -1;
    }

    private boolean fields(int from, int to) {
        int field = from;
        while (field < to) {
            int equals = l.find('=', field, to);
            if (equals < 0) {
                return false;
            }
            int next = l.find(", ", equals, to);
            next = next < 0 ? to : next;
            int stop = next;
            int after = next + 2;
            // Some versions leave out the comma after conn_use.
            int space = l.is("conn_use", field, equals) ? l.find(' ', equals, next) : -1;
            if (space >= 0) {
                stop = space;
                after = space + 1;
            }
            field(field, equals, stop);
            field = after;
        }
        return true;
    }

    private void field(int from, int equals, int to) {
        int value = equals + 1;
        if (l.is("relay", from, equals)) {
            e.setRelay(l.word(value, to));
        } else if (l.is("delay", from, equals)) {
            e.setDelay(l.decimal(value, to));
        } else if (l.is("delays", from, equals)) {
            e.setDelays(l.string(value, to));
        } else if (l.is("dsn", from, equals)) {
            e.setDsn(l.word(value, to));
        } else if (l.is("conn_use", from, equals)) {
            long uses = l.number(value, to);
            e.setConnUse(uses < 0 ? null : uses);
        } else if (l.is("tls", from, equals)) {
            e.setTls(l.word(value, to));
        }
    }

    private void outcome(int from) {
        int word = l.token(from, l.end);
        e.setStatus(l.word(from, word));
        if (word >= l.end) {
            return;
        }
        int why = word + 1;
        int to = l.end;
        if (l.byteAt(why) == '(') {
            why++;
            to = l.b[to - 1] == ')' && to > why ? to - 1 : to;
        }
        e.setReason(l.string(why, to));
        if (l.is("sent", from, word)) {
            int phrase = l.findLast("queued as ", why, to);
            nextQueueId(phrase < 0 && l.starts("forwarded as ", why) ? why + 13 : phrase < 0 ? -1 : phrase + 10, to);
        }
    }

    private void nextQueueId(int from, int to) {
        if (from >= 0) {
            int end = l.alnumEnd(from, to);
            if (l.isQueueId(from, end)) {
                e.setNextQueueId(l.string(from, end));
            }
        }
    }

    /** {@code status=deferred (bounce failed)} without a recipient. */
    Shape status() {
        outcome(l.at + 7);
        return Shape.READ;
    }

    /** {@code uid=N from=<A>[ orig_id=Q]}. */
    Shape pickup() {
        int from = l.find(" from=<", l.at);
        long uid = from < 0 ? -1 : l.number(l.at + 4, from);
        int close = uid < 0 ? -1 : l.findLast(">", from + 7, l.end);
        if (close < 0) {
            return Shape.BROKEN;
        }
        e.setUid(uid);
        e.setFrom(l.string(from + 7, close));
        return kind("pickup");
    }

    /** {@code WHAT notification: Q}. */
    Shape notification() {
        String phrase = " notification: ";
        int at = l.find(phrase, l.at);
        if (at < 0 || !l.isQueueId(at + phrase.length(), l.end)) {
            return Shape.UNKNOWN;
        }
        e.setNextQueueId(l.string(at + phrase.length(), l.end));
        e.setReason(l.word(l.at, at + phrase.length() - 2));
        return kind("bounce");
    }

    /** {@code sender notification failed to ADDRESS: REASON} behind {@code warning: QID: }; the reason is one of Postfix's own. */
    Shape notificationFailed(int from) {
        String phrase = "sender notification failed";
        String to = " to ";
        int address = from + phrase.length() + to.length();
        int why = l.findLast(": ", address, l.end);
        if (!l.starts(phrase, from) || !l.starts(to, address - to.length()) || why < 0) {
            return Shape.UNKNOWN;
        }
        e.setAction(phrase);
        e.setTo(l.string(address, why));
        e.setReason(l.word(why + 2, l.end));
        return Shape.READ;
    }

    /** What an SMTP client says of a server in between: {@code PHRASE HOST[ADDRESS][:PORT] ...}. */
    Shape interim(String phrase) {
        int from = l.at + phrase.length();
        int close = l.find(']', from, l.token(from, l.end));
        if (close < 0) {
            return Shape.UNKNOWN;
        }
        int to = close + 1;
        if (l.byteAt(to) == ':' && l.isDigit(to + 1)) {
            to = l.alnumEnd(to + 1, l.end);
        }
        int why = to;
        while (why < l.end && (l.b[why] == ' ' || l.b[why] == ':')) {
            why++;
        }
        for (String word : new String[] {"said: ", "refused to talk to me: "}) {
            if (l.starts(word, why)) {
                why += word.length();
                break;
            }
        }
        e.setRelay(l.word(from, to));
        e.setReason(l.string(why, l.end));
        return Shape.READ;
    }

    private Shape kind(String kind) {
        e.setKind(kind);
        return Shape.READ;
    }
}
