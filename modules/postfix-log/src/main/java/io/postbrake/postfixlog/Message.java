package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;

/** The text of one Postfix line after its syslog header. */
final class Message {
    private static final int CUT_BYTES = 1900;
    private static final String USERNAME = ", sasl_username=";

    private final MailEvent e;
    private final String service;
    private final int lineBytes;
    private String t;

    Message(MailEvent event, String service, String text, int lineBytes) {
        this.e = event;
        this.service = service;
        this.t = text;
        this.lineBytes = lineBytes;
    }

    /** False when the line begins as a known kind and does not go on like one. */
    boolean read() {
        queueId();
        if (t.startsWith("connect from ")) {
            return peer(t, 13, false) >= 0 && kind("connect");
        }
        if (t.startsWith("disconnect from ")) {
            return disconnect();
        }
        if (t.startsWith("client=")) {
            return client();
        }
        if (t.startsWith("warning: ") && authFailed()) {
            return true;
        }
        if (t.startsWith("warning: ") && !service.startsWith("smtpd")) {
            warnedQueueId();
        }
        if (t.startsWith("message-id=") || t.startsWith("resent-message-id=")) {
            String id = Text.unbracket(t.substring(t.indexOf('=') + 1));
            e.setMessageId(id.startsWith("<") && id.indexOf('>') < 0 ? id.substring(1) : id);
            return kind("message_id");
        }
        if (t.startsWith("from=")) {
            return queued();
        }
        if (t.startsWith("to=")) {
            return delivery();
        }
        if (t.equals("removed")) {
            return kind("removed");
        }
        if (t.startsWith("uid=")) {
            return pickup();
        }
        if (service.equals("bounce")) {
            bounce();
            return true;
        }
        if (lost("lost connection") || lost("timeout") || lost("too many errors") || tls() || policy()) {
            return true;
        }
        if (service.equals("postscreen")) {
            postscreen();
        }
        return true;
    }

    private boolean kind(String kind) {
        e.setKind(kind);
        return true;
    }

    private void queueId() {
        int colon = t.indexOf(": ");
        if (colon <= 0 || colon > 30) {
            return;
        }
        String first = t.substring(0, colon);
        if (first.equals("NOQUEUE")) {
            t = t.substring(colon + 2);
        } else if (Text.isQueueId(first)) {
            e.setQueueId(first);
            t = t.substring(colon + 2);
        }
    }

    private void warnedQueueId() {
        int colon = t.indexOf(": ", 9);
        if (colon > 0 && e.getQueueId() == null && Text.isQueueId(t.substring(9, colon))) {
            e.setQueueId(t.substring(9, colon));
        }
    }

    /** Reads NAME[ADDR][:PORT] at {@code at} and gives the index after it, or -1. */
    private int peer(String s, int at, boolean original) {
        int open = at;
        while (open < s.length() && s.charAt(open) != '[') {
            char c = s.charAt(open++);
            if (c == ' ' || c == ']' || c == '<' || c == '>') {
                return -1;
            }
        }
        int close = s.indexOf(']', open);
        if (open >= s.length() || close < 0 || close - open > 60) {
            return -1;
        }
        String name = s.substring(at, open);
        String address = s.substring(open + 1, close);
        boolean ip = Addresses.isIp(address);
        if (!ip && !address.equals("unknown")) {
            return -1;
        }
        if (original) {
            if (!ip) {
                return -1;
            }
            e.setProxyIp(e.getClientIp());
            e.setClientPort(null);
        }
        e.setClientName(name.isEmpty() ? null : name);
        e.setClientIp(ip ? address : null);
        int i = close + 1;
        if (i < s.length() && s.charAt(i) == ':') {
            int from = i + 1;
            int to = from;
            while (to < s.length() && Character.isLetterOrDigit(s.charAt(to))) {
                to++;
            }
            String port = s.substring(from, to);
            Long number = Text.number(port);
            if (number != null && number <= 65535) {
                if (!original) {
                    e.setClientPort(number);
                }
                return to;
            }
            return port.equals("unknown") ? to : i;
        }
        return i;
    }

    private boolean disconnect() {
        int i = peer(t, 16, false);
        if (i < 0) {
            return false;
        }
        int at = i;
        while (at < t.length()) {
            int to = t.indexOf(' ', at + 1);
            String pair = t.substring(at, to < 0 ? t.length() : to).trim();
            at = to < 0 ? t.length() : to;
            int equals = pair.indexOf('=');
            if (equals < 0) {
                continue;
            }
            String value = pair.substring(equals + 1);
            int slash = value.indexOf('/');
            Long ok = Text.number(slash < 0 ? value : value.substring(0, slash));
            Long all = slash < 0 ? ok : Text.number(value.substring(slash + 1));
            if (ok == null || all == null) {
                continue;
            }
            switch (pair.substring(0, equals)) {
                case "auth" -> {
                    e.setAuthCount(ok);
                    e.setAuthTotal(all);
                }
                case "mail" -> {
                    e.setMailCount(ok);
                    e.setMailTotal(all);
                }
                case "rcpt" -> {
                    e.setRcptCount(ok);
                    e.setRcptTotal(all);
                }
                case "commands" -> {
                    e.setCommandCount(ok);
                    e.setCommandTotal(all);
                }
                default -> {}
            }
        }
        return kind("disconnect");
    }

    private boolean client() {
        int i = peer(t, 7, false);
        if (i < 0) {
            return false;
        }
        String rest = t.substring(i);
        boolean login = false;
        if (rest.startsWith(", sasl_method=")) {
            int user = rest.indexOf(USERNAME);
            if (user < 0) {
                e.setSaslMethod(rest.substring(14));
                return kind("client");
            }
            e.setSaslMethod(rest.substring(14, user));
            rest = rest.substring(user + USERNAME.length());
            login = true;
        }
        boolean inside = e.getClientIp() != null && Addresses.isInside(e.getClientIp());
        if (!login || inside) {
            rest = original(rest);
        }
        int sender = rest.lastIndexOf(", sasl_sender=");
        if (sender >= 0 && rest.indexOf(' ', sender + 2) < 0) {
            e.setSaslSender(rest.substring(sender + 14));
            rest = rest.substring(0, sender);
        }
        if (login) {
            e.setSaslUsername(rest);
        }
        return kind("client");
    }

    /** Cuts the XFORWARD fields, which stand last, and gives what stands before them. */
    private String original(String rest) {
        String kept = rest;
        int client = kept.lastIndexOf(", orig_client=");
        if (client >= 0) {
            int after = peer(kept, client + 14, true);
            if (after >= 0) {
                kept = kept.substring(0, client);
            }
        }
        int queue = kept.lastIndexOf(", orig_queue_id=");
        if (queue >= 0 && Text.isQueueId(kept.substring(queue + 16))) {
            e.setOrigQueueId(kept.substring(queue + 16));
            kept = kept.substring(0, queue);
        }
        return kept;
    }

    private boolean authFailed() {
        if (!service.startsWith("smtpd") && !service.equals("postscreen")) {
            return false;
        }
        int i = peer(t, 9, false);
        if (i < 0 || !t.startsWith(": SASL ", i)) {
            forgetPeer();
            return false;
        }
        int method = i + 7;
        String phrase = " authentication failed";
        int failed = t.indexOf(phrase, method);
        if (failed < 0) {
            forgetPeer();
            return false;
        }
        e.setSaslMethod(t.substring(method, failed));
        String rest = t.substring(failed + phrase.length());
        int user = rest.indexOf(USERNAME);
        String reason = user < 0 ? rest : rest.substring(0, user);
        if (reason.startsWith(":")) {
            reason = reason.substring(1).strip();
        }
        e.setReason(reason);
        if (user >= 0) {
            String login = rest.substring(user + USERNAME.length());
            e.setSaslUsername(login.equals("(unavailable)") || login.isEmpty() ? null : login);
        }
        if (!reason.equals("Connection lost to authentication server")) {
            e.setKind("auth_failed");
        }
        return true;
    }

    private void forgetPeer() {
        e.setClientName(null);
        e.setClientIp(null);
        e.setClientPort(null);
    }

    private boolean queued() {
        int status = t.lastIndexOf(", status=");
        if (status > 0 && t.endsWith("expired, returned to sender")) {
            e.setFrom(Text.unbracket(t.substring(5, status)));
            e.setStatus(t.substring(status + 9, t.indexOf(',', status + 9)));
            return kind("expired");
        }
        int size = t.lastIndexOf(", size=");
        int nrcpt = t.indexOf(", nrcpt=", Math.max(size, 0));
        int active = t.indexOf(" (queue active)", Math.max(nrcpt, 0));
        if (size < 0 || nrcpt < 0 || active < 0) {
            return false;
        }
        Long bytes = Text.number(t.substring(size + 7, nrcpt));
        Long recipients = Text.number(t.substring(nrcpt + 8, active));
        if (bytes == null || recipients == null) {
            return false;
        }
        e.setFrom(Text.unbracket(t.substring(5, size)));
        e.setSize(bytes);
        e.setNrcpt(recipients);
        return kind("queued");
    }

    private int endOfAddress(int at) {
        if (t.startsWith("<\"", at)) {
            for (int i = at + 2; i < t.length(); i++) {
                char c = t.charAt(i);
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    int end = t.indexOf(">, ", i);
                    return end < 0 ? -1 : end + 1;
                }
            }
            return -1;
        }
        if (t.startsWith("<", at)) {
            int relay = t.indexOf(">, relay=", at);
            int original = t.indexOf(">, orig_to=", at);
            int end = original >= 0 && original < relay ? original : relay;
            return end < 0 ? -1 : end + 1;
        }
        return t.indexOf(", ", at);
    }

    private boolean delivery() {
        int end = endOfAddress(3);
        if (end < 0) {
            return false;
        }
        String to = Text.unbracket(t.substring(3, end));
        String origTo = null;
        int at = end;
        if (t.startsWith(", orig_to=", at)) {
            end = endOfAddress(at + 10);
            if (end < 0) {
                return false;
            }
            origTo = Text.unbracket(t.substring(at + 10, end));
            at = end;
        }
        if (!t.startsWith(", relay=", at)) {
            return false;
        }
        int status = t.indexOf(", status=", at);
        if (status < 0) {
            return false;
        }
        int again = t.indexOf(">, relay=", status);
        if (!t.startsWith("<\"", 3) && again >= 0 && t.indexOf(", status=", again) >= 0) {
            return kind("other");
        }
        int field = at + 2;
        while (field < status + 2) {
            int next = Math.min(indexOrEnd(", ", field), status);
            int equals = t.indexOf('=', field);
            if (equals < 0 || equals > next) {
                return false;
            }
            deliveryField(t.substring(field, equals), t.substring(equals + 1, next));
            field = next + 2;
            if (next == status) {
                break;
            }
        }
        String rest = t.substring(status + 9);
        int space = rest.indexOf(' ');
        String word = space < 0 ? rest : rest.substring(0, space);
        e.setTo(to);
        e.setOrigTo(origTo);
        e.setStatus(word);
        if (space >= 0) {
            String why = rest.substring(space + 1);
            if (why.startsWith("(")) {
                why = why.substring(1, why.endsWith(")") ? why.length() - 1 : why.length());
            }
            e.setReason(why);
            if (word.equals("sent")) {
                next(why, "queued as ");
                if (service.equals("local")) {
                    next(why, "forwarded as ");
                }
            }
        }
        return kind("delivery");
    }

    private int indexOrEnd(String what, int from) {
        int i = t.indexOf(what, from);
        return i < 0 ? t.length() : i;
    }

    private void deliveryField(String name, String value) {
        switch (name) {
            case "relay" -> e.setRelay(value);
            case "conn_use" -> e.setConnUse(Text.number(value));
            case "delay" -> e.setDelay(Text.decimal(value));
            case "delays" -> e.setDelays(value);
            case "tls" -> e.setTls(value);
            case "dsn" -> e.setDsn(value);
            default -> {}
        }
    }

    private void next(String text, String phrase) {
        int i = text.lastIndexOf(phrase);
        if (i >= 0) {
            String id = Text.leadingToken(text.substring(i + phrase.length()));
            if (Text.isQueueId(id)) {
                e.setNextQueueId(id);
            }
        }
    }

    private boolean pickup() {
        int from = t.indexOf(" from=<");
        Long uid = from < 0 ? null : Text.number(t.substring(4, from));
        if (uid == null) {
            return false;
        }
        int close = t.lastIndexOf('>');
        if (close < from + 7) {
            return false;
        }
        e.setUid(uid);
        e.setFrom(t.substring(from + 7, close));
        return kind("pickup");
    }

    private void bounce() {
        int i = t.indexOf(" notification: ");
        if (i > 0) {
            String id = t.substring(i + 15);
            if (Text.isQueueId(id)) {
                e.setNextQueueId(id);
                e.setReason(t.substring(0, i + 13));
                e.setKind("bounce");
            }
        }
    }

    private boolean lost(String what) {
        if (!t.startsWith(what + " after ")) {
            return false;
        }
        int stage = what.length() + 7;
        int from = t.indexOf(" from ", stage);
        if (from < 0 || peer(t, from + 6, false) < 0) {
            return false;
        }
        String where = t.substring(stage, from);
        int bytes = where.indexOf(" (");
        e.setStage(bytes < 0 ? where : where.substring(0, bytes));
        e.setAction(what);
        return kind("lost_connection");
    }

    private boolean tls() {
        int i = t.indexOf(" TLS connection ");
        if (i <= 0 || t.indexOf(' ') != i) {
            return false;
        }
        int from = t.indexOf(" from ", i);
        int to = t.indexOf(" to ", i);
        int colon = t.indexOf(": TLS", i);
        if (from > 0 && (to < 0 || from < to)) {
            int end = peer(t, from + 6, false);
            if (end < 0) {
                return false;
            }
            colon = t.startsWith(": ", end) ? end : -1;
        }
        if (colon > 0) {
            e.setTls(t.substring(colon + 2, indexOrEnd(" ", colon + 2)));
        }
        return kind("tls");
    }

    /** Lines of the form {@code ACTION: STAGE from CLIENT: REPLY; from=<> to=<> proto= helo=<>}. */
    private boolean policy() {
        int colon = t.indexOf(": ");
        if (colon <= 0) {
            return false;
        }
        String action = t.substring(0, colon);
        String kind = switch (action) {
            case "reject" -> "rejected";
            case "hold", "milter-hold" -> "held";
            case "milter-reject" -> "milter_reject";
            case "reject_warning",
                    "warn",
                    "warning",
                    "info",
                    "filter",
                    "discard",
                    "redirect",
                    "prepend",
                    "replace",
                    "strip",
                    "pass",
                    "bcc",
                    "permit",
                    "milter-discard",
                    "proxy-accept",
                    "proxy-reject" -> "other";
            default -> null;
        };
        if (kind == null) {
            return false;
        }
        e.setAction(action);
        int at = colon + 2;
        if (t.startsWith("header ", at) || t.startsWith("body ", at) || t.startsWith("content ", at)) {
            return kind("header_check");
        }
        int space = t.indexOf(' ', at);
        if (action.startsWith("proxy-")) {
            return kind(kind);
        }
        if (space < 0 || !Text.isToken(t.substring(at, space), 30) || !t.startsWith(" from ", space)) {
            return false;
        }
        e.setStage(t.substring(at, space));
        int end = peer(t, space + 6, false);
        if (end < 0 || !t.startsWith(": ", end)) {
            return kind(kind);
        }
        kind(kind);
        reply(t.substring(end + 2));
        return true;
    }

    private void reply(String text) {
        int tail = first(text, 0);
        boolean certain = tail >= 0 && first(text, tail + 1) < 0;
        String reply = tail < 0 ? text : text.substring(0, tail);
        int at = 0;
        if (reply.length() >= 4 && reply.charAt(3) == ' ') {
            e.setReplyCode(Text.number(reply.substring(0, 3)));
            at = e.getReplyCode() == null ? 0 : 4;
        }
        int space = reply.indexOf(' ', at);
        if (at > 0 && space > 0 && isDsn(reply.substring(at, space))) {
            e.setDsn(reply.substring(at, space));
            at = space + 1;
        }
        String why = reply.substring(at);
        e.setReason(why);
        if (!certain) {
            return;
        }
        rejectedLogin(why);
        envelope(text.substring(tail + 2));
    }

    private static int first(String text, int from) {
        int best = -1;
        for (String start : new String[] {"; from=<", "; to=<", "; proto="}) {
            int i = text.indexOf(start, from);
            if (i >= 0 && (best < 0 || i < best)) {
                best = i;
            }
        }
        return best;
    }

    private static boolean isDsn(String s) {
        return s.length() >= 5 && s.charAt(1) == '.' && s.charAt(0) >= '2' && s.charAt(0) <= '5';
    }

    private void rejectedLogin(String why) {
        // A hold has the map's text after the name of the check, with nothing between.
        String phrase = "held".equals(e.getKind()) ? ">: SASL login name " : ">: SASL login name rejected: ";
        int i = why.indexOf(phrase);
        if (!why.startsWith("<") || i < 0 || why.indexOf(">: ", i + 1) >= 0 || why.indexOf(">: ") != i) {
            return;
        }
        e.setSaslUsername(why.substring(1, i));
        int open = why.indexOf("[pb:", i);
        int close = open < 0 ? -1 : why.indexOf(']', open);
        if (close > 0 && Text.isToken(why.substring(open + 4, close), 64)) {
            e.setBlockRef(why.substring(open + 4, close));
        }
    }

    /** Reads the fixed order from, to, proto, helo; where a value holds the next field's start, none of them is believed. */
    private void envelope(String tail) {
        String[] names = {"from=<", "to=<", "proto=", "helo=<"};
        int[] starts = new int[4];
        int last = -1;
        for (int i = 0; i < 4; i++) {
            starts[i] = only(tail, names[i]);
            if (starts[i] == -2 || (starts[i] >= 0 && starts[i] < last)) {
                return;
            }
            last = Math.max(last, starts[i]);
        }
        if (starts[1] >= 0 && "MAIL".equals(e.getStage())) {
            return;
        }
        String[] values = new String[4];
        for (int i = 0; i < 4; i++) {
            if (starts[i] < 0) {
                continue;
            }
            int end = tail.length();
            for (int j = 3; j > i; j--) {
                end = starts[j] >= 0 ? starts[j] : end;
            }
            String value = tail.substring(starts[i] + names[i].length(), end).stripTrailing();
            values[i] = value.endsWith(",") ? value.substring(0, value.length() - 1) : value;
        }
        if (starts[3] >= 0 && !helo(values)) {
            return;
        }
        e.setFrom(inner(values[0]));
        e.setTo(inner(values[1]));
        e.setProto(values[2]);
        e.setHelo(inner(values[3]));
    }

    /** Index of a field, -1 when it is not there, -2 when it is there twice. */
    private static int only(String tail, String start) {
        int i = tail.startsWith(start) ? 0 : tail.indexOf(" " + start) + 1;
        if (i == 0 && !tail.startsWith(start)) {
            return -1;
        }
        return tail.indexOf(" " + start, i) >= 0 ? -2 : i;
    }

    private boolean helo(String[] values) {
        String value = values[3];
        int method = value.indexOf("> sasl_method=");
        if (method < 0 || value.endsWith(">")) {
            return true;
        }
        int user = value.indexOf(" sasl_username=", method);
        if (lineBytes >= CUT_BYTES || user < 0 || value.indexOf("> sasl_method=", method + 1) >= 0) {
            return false;
        }
        values[3] = value.substring(0, method + 1);
        e.setSaslMethod(value.substring(method + 14, user));
        String login = value.substring(user + 15);
        int sender = login.lastIndexOf(" sasl_sender=");
        if (sender >= 0) {
            e.setSaslSender(login.substring(sender + 13));
            login = login.substring(0, sender);
        }
        e.setSaslUsername(login);
        return true;
    }

    private static String inner(String value) {
        return value == null ? null : value.endsWith(">") ? value.substring(0, value.length() - 1) : value;
    }

    private void postscreen() {
        e.setKind("postscreen");
        int space = t.indexOf(' ');
        e.setAction(space < 0 ? t : t.substring(0, space));
        int open = t.startsWith("[", space + 1) ? space + 1 : t.startsWith("CONNECT from ") ? 13 : -1;
        if (open < 0) {
            for (String start : new String[] {" from ", " for "}) {
                int i = t.indexOf(start);
                if (open < 0 && i >= 0) {
                    open = i + start.length();
                }
            }
        }
        if (open < 0 || !t.startsWith("[", open) || peer(t, open, false) < 0) {
            forgetPeer();
        }
    }
}
