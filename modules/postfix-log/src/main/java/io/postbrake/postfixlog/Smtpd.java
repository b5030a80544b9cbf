package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;
import java.util.Set;

/** Lines of smtpd and postscreen. */
final class Smtpd {

    private static final String USER = ", sasl_username=";
    private static final String LOGIN_REJECTED = ">: SASL login name ";
    private static final Set<String> RESTRICTIONS = Set.of(
            "reject", "reject_warning", "warn", "filter", "hold", "discard", "redirect", "prepend", "bcc", "permit");

    private Smtpd() {}

    static void read(MailEvent event, Cursor at, boolean queued) {
        if (at.take("client=")) {
            client(event, at, queued);
        } else if (at.take("connect from ")) {
            if (peer(event, at)) {
                event.setKind("connect");
            }
        } else if (at.take("disconnect from ")) {
            disconnect(event, at);
        } else if (at.take("warning: ")) {
            warning(event, at);
        } else if (at.take("milter-")) {
            milter(event, at);
        } else if (at.rest().startsWith("lost connection after ")
                || at.rest().startsWith("timeout after ")
                || at.rest().startsWith("too many errors after ")) {
            lost(event, at);
        } else if (tls(event, at)) {
            event.setKind("tls");
        } else {
            restriction(event, at);
        }
    }

    static void postscreen(MailEvent event, Cursor at) {
        String rest = at.rest();
        if (rest.startsWith("reject: ")) {
            restriction(event, at);
            return;
        }
        int from = rest.indexOf('[');
        if (from >= 0) {
            event.setAction(rest.substring(0, from).strip());
            at.skip(from);
            if (peer(event, at)) {
                event.setReason(at.rest().strip());
            }
        }
        event.setKind("postscreen");
    }

    private static boolean peer(MailEvent event, Cursor at) {
        Peer peer = Peer.read(at);
        if (peer == null) {
            return false;
        }
        event.setClientName(peer.name());
        event.setClientIp(peer.address());
        event.setClientPort(peer.port());
        return true;
    }

    private static void client(MailEvent event, Cursor at, boolean queued) {
        if (!peer(event, at)) {
            return;
        }
        event.setKind(queued ? "client" : "other");
        if (at.take(", sasl_method=")) {
            String rest = at.rest();
            int user = rest.indexOf(USER);
            int comma = rest.indexOf(',');
            if (user >= 0 && user == comma) {
                event.setSaslMethod(at.until(USER, true));
                // A client may add sasl_sender to any login, so the login ends before it; what else follows a login
                // may be part of it and is believed by nobody.
                event.setSaslUsername(before(at.rest(), ", sasl_sender=", ", orig_queue_id=", ", orig_client="));
            } else {
                event.setSaslMethod(at.until(",", true));
            }
            return;
        }
        if (at.take(", sasl_sender=")) {
            event.setSaslSender(at.until(", ", true));
        } else {
            at.take(", ");
        }
        if (at.take("orig_queue_id=")) {
            event.setOrigQueueId(at.until(", ", true));
        }
        if (at.take("orig_client=")) {
            Peer original = Peer.read(at);
            if (original != null) {
                event.setProxyIp(event.getClientIp());
                event.setClientName(original.name());
                event.setClientIp(original.address());
                event.setClientPort(original.port());
            }
        }
    }

    private static String before(String s, String... ends) {
        int end = s.length();
        for (String e : ends) {
            int i = s.indexOf(e);
            if (i >= 0 && i < end) {
                end = i;
            }
        }
        return s.substring(0, end);
    }

    private static void disconnect(MailEvent event, Cursor at) {
        if (!peer(event, at)) {
            return;
        }
        event.setKind("disconnect");
        at.take(" ");
        String word;
        while ((word = at.word()) != null) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                continue;
            }
            String value = word.substring(equals + 1);
            int slash = value.indexOf('/');
            Long ok = Cursor.number(slash < 0 ? value : value.substring(0, slash));
            Long total = slash < 0 ? ok : Cursor.number(value.substring(slash + 1));
            switch (word.substring(0, equals)) {
                case "auth" -> {
                    event.setAuthCount(ok);
                    event.setAuthTotal(total);
                }
                case "mail" -> {
                    event.setMailCount(ok);
                    event.setMailTotal(total);
                }
                case "rcpt" -> {
                    event.setRcptCount(ok);
                    event.setRcptTotal(total);
                }
                case "commands" -> {
                    event.setCommandCount(ok);
                    event.setCommandTotal(total);
                }
                default -> {
                    // other commands are not kept
                }
            }
        }
    }

    private static void warning(MailEvent event, Cursor at) {
        if (!peer(event, at) || !at.take(": SASL ")) {
            return;
        }
        String method = at.until(" authentication failed", false);
        if (method == null || method.indexOf(' ') >= 0) {
            return;
        }
        event.setSaslMethod(method);
        at.take(":");
        at.take(" ");
        String rest = at.rest();
        int user = rest.indexOf(USER);
        if (rest.startsWith(USER.substring(2))) {
            event.setReason("");
            login(event, rest.substring(USER.length() - 2));
        } else if (user >= 0) {
            event.setReason(rest.substring(0, user));
            login(event, rest.substring(user + USER.length()));
        } else {
            event.setReason(rest);
        }
        // The authentication server's fault is nobody's attack.
        boolean fault = event.getReason().startsWith("Connection lost to authentication server");
        event.setKind(fault ? "other" : "auth_failed");
    }

    private static void login(MailEvent event, String user) {
        if (!user.equals("(unavailable)")) {
            event.setSaslUsername(user);
        }
    }

    private static void lost(MailEvent event, Cursor at) {
        String what = at.until(" after ", true);
        String stage = at.until(" from ", false);
        if (stage != null && peer(event, at)) {
            event.setAction(what);
            event.setStage(stage);
            event.setKind("lost_connection");
        }
    }

    private static boolean tls(MailEvent event, Cursor at) {
        String rest = at.rest();
        int i = rest.indexOf("TLS connection ");
        if (i < 0 || i > 12) {
            return false;
        }
        int from = rest.indexOf(" from ", i);
        int to = rest.indexOf(" to ", i);
        int start = from >= 0 && from < i + 40 ? from + 6 : to >= 0 && to < i + 40 ? to + 4 : -1;
        if (start < 0) {
            return false;
        }
        at.skip(start);
        if (!peer(event, at)) {
            return false;
        }
        event.setTls(at.take(": ") ? at.rest() : null);
        return true;
    }

    /** `milter-reject: STAGE from PEER: TEXT; ...`, behind `milter-`. */
    static void milter(MailEvent event, Cursor at) {
        String action = at.until(": ", false);
        String stage = at.until(" from ", false);
        if (stage != null && peer(event, at) && at.take(": ")) {
            event.setAction(action);
            event.setStage(stage);
            event.setReason(at.rest());
            event.setKind("milter_reject");
        }
    }

    /** `ACTION: STAGE from PEER: CODE DSN <X>: WHY; from=<> to=<> proto= helo=<>`. */
    private static void restriction(MailEvent event, Cursor at) {
        String rest = at.rest();
        int colon = rest.indexOf(": ");
        if (colon < 0 || !RESTRICTIONS.contains(rest.substring(0, colon))) {
            return;
        }
        at.skip(colon + 2);
        String stage = at.until(" from ", false);
        if (stage == null || !peer(event, at)) {
            return;
        }
        String action = rest.substring(0, colon);
        event.setAction(action);
        event.setStage(stage);
        event.setKind(action.equals("reject") ? "rejected" : action.equals("hold") ? "held" : "other");
        if (!at.take(": ")) {
            return;
        }
        code(event, at);
        why(event, at.rest());
    }

    private static void code(MailEvent event, Cursor at) {
        String rest = at.rest();
        Long code = rest.length() > 3 && rest.charAt(3) == ' ' ? Cursor.number(rest.substring(0, 3)) : null;
        if (code == null) {
            return;
        }
        event.setReplyCode(code);
        at.skip(4);
        rest = at.rest();
        int space = rest.indexOf(' ');
        if (space >= 5 && space <= 11 && rest.charAt(1) == '.' && Character.isDigit(rest.charAt(0))) {
            event.setDsn(rest.substring(0, space));
            at.skip(space + 1);
        }
    }

    private static void why(MailEvent event, String text) {
        String login = null;
        if (text.startsWith("<") && text.indexOf(LOGIN_REJECTED) > 0) {
            login = text.substring(1, text.indexOf(LOGIN_REJECTED));
        }
        int from = text.indexOf("; from=<");
        String reason = from < 0 ? text : text.substring(0, from);
        event.setReason(reason);
        if (login != null) {
            event.setSaslUsername(login);
            reference(event, reason);
        }
        if (from < 0) {
            return;
        }
        var at = new Cursor(text.substring(from + "; from=<".length()));
        String sender = at.until(">", true);
        at.take(",");
        at.take(" ");
        event.setFrom(sender);
        if (at.take("to=<")) {
            event.setTo(at.until(">", true));
            at.take(",");
            at.take(" ");
        }
        if (at.take("proto=")) {
            event.setProto(at.word());
        }
        if (at.take("helo=<")) {
            helo(event, at.rest(), login == null);
        }
    }

    /** HELO is the client's; the fields that 3.10 writes behind it are the last ones, and bare. */
    private static void helo(MailEvent event, String rest, boolean wantLogin) {
        int method = rest.lastIndexOf("> sasl_method=");
        if (method < 0 || rest.endsWith(">")) {
            event.setHelo(rest.endsWith(">") ? rest.substring(0, rest.length() - 1) : rest);
            return;
        }
        event.setHelo(rest.substring(0, method));
        var at = new Cursor(rest.substring(method + "> sasl_method=".length()));
        event.setSaslMethod(at.word());
        if (at.take("sasl_username=") && wantLogin) {
            event.setSaslUsername(before(at.rest(), " sasl_sender="));
        }
    }

    private static void reference(MailEvent event, String reason) {
        int open = reason.lastIndexOf("[pb:");
        int close = reason.indexOf(']', open + 1);
        if (open >= 0 && close > open && close - open < 64) {
            event.setBlockRef(reason.substring(open + "[pb:".length(), close));
        }
    }
}
