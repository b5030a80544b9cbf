package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import io.postbrake.logline.Line;

/** What postscreen writes of a client: words in capitals, then {@code [ADDRESS]:PORT}, then perhaps what the client sent. */
final class PostscreenLines {
    private final Line l;
    private final Peer peer;

    PostscreenLines(Line line, Peer peer) {
        this.l = line;
        this.peer = peer;
    }

    Shape read(MailEvent e, String kind) {
        int action = capitals();
        if (action == l.at) {
            return Shape.UNKNOWN;
        }
        int open = l.find('[', action, l.end);
        if (open < 0
                || !(l.ends(" from ", open) || l.ends(" for ", open) || open == action + 1 || l.ends(" VETO ", open))) {
            return Shape.UNKNOWN;
        }
        if (peer.read(open) < 0) {
            return Shape.BROKEN;
        }
        peer.client(e);
        e.setAction(l.word(l.at, action));
        e.setKind(kind);
        return Shape.READ;
    }

    /** Index after the words in capitals. */
    private int capitals() {
        int end = l.at;
        int i = l.at;
        while (i < l.end) {
            int to = l.token(i, l.end);
            for (int k = i; k < to; k++) {
                int c = l.b[k];
                if (!((c >= 'A' && c <= 'Z') || c == '-')) {
                    return end;
                }
            }
            if (to - i < 2) {
                return end;
            }
            end = to;
            i = to + 1;
        }
        return end;
    }
}
