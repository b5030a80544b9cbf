package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;

/** Lines of the queue manager and of delivery agents. */
final class Delivery {

    private static final String QUEUED_AS = "queued as ";

    private Delivery() {}

    static void queue(MailEvent event, Cursor at) {
        if (at.rest().equals("removed")) {
            event.setKind("removed");
        } else if (at.take("from=<")) {
            sender(event, at);
        } else if (at.rest().startsWith("to=<")) {
            delivery(event, at);
        }
    }

    private static void sender(MailEvent event, Cursor at) {
        String rest = at.rest();
        // The sender is the attacker's and quoted parts may hold anything: the fields end the line.
        int size = rest.lastIndexOf(">, size=");
        int status = rest.lastIndexOf(">, status=");
        if (size >= 0 && rest.endsWith("(queue active)")) {
            event.setFrom(rest.substring(0, size));
            var fields = new Cursor(rest.substring(size + ">, size=".length()));
            event.setSize(Cursor.number(fields.until(", nrcpt=", true)));
            event.setNrcpt(Cursor.number(fields.word()));
            event.setKind("queued");
        } else if (status >= 0) {
            event.setFrom(rest.substring(0, status));
            var fields = new Cursor(rest.substring(status + ">, status=".length()));
            event.setStatus(fields.until(",", true));
            event.setReason(fields.rest().strip());
            event.setKind("expired");
        }
    }

    static void delivery(MailEvent event, Cursor at) {
        at.take("to=<");
        String rest = at.rest();
        int relay = rest.indexOf(">, relay=");
        int original = rest.indexOf(">, orig_to=<");
        if (original >= 0 && (relay < 0 || original < relay)) {
            event.setTo(at.until(">, orig_to=<", true));
            event.setOrigTo(at.until(">, relay=", false));
        } else {
            event.setTo(at.until(">, relay=", false));
        }
        if (event.getTo() == null || (original >= 0 && original < relay && event.getOrigTo() == null)) {
            return;
        }
        event.setRelay(at.until(", ", true));
        String field;
        while (!at.done() && !at.rest().startsWith("status=") && (field = at.until("=", false)) != null) {
            String value = at.until(", ", true);
            switch (field) {
                case "conn_use" -> event.setConnUse(Cursor.number(value));
                case "delay" -> event.setDelay(Cursor.decimal(value));
                case "delays" -> event.setDelays(value);
                case "tls" -> event.setTls(value);
                case "dsn" -> event.setDsn(value);
                default -> {
                    // a field of a later version
                }
            }
        }
        if (at.take("status=")) {
            event.setStatus(at.word());
            String reason = at.rest();
            if (reason.startsWith("(") && reason.endsWith(")")) {
                reason = reason.substring(1, reason.length() - 1);
            }
            event.setReason(reason);
            next(event, reason);
            event.setKind("delivery");
        }
    }

    private static void next(MailEvent event, String reason) {
        int i = reason.lastIndexOf(QUEUED_AS);
        if (i < 0) {
            i = reason.lastIndexOf("forwarded as ");
            i = i < 0 ? -1 : i + "forwarded as ".length();
        } else {
            i += QUEUED_AS.length();
        }
        if (i >= 0) {
            int end = i;
            while (end < reason.length() && Character.isLetterOrDigit(reason.charAt(end))) {
                end++;
            }
            String id = reason.substring(i, end);
            if (PostfixLogParser.isQueueId(id)) {
                event.setNextQueueId(id);
            }
        }
    }
}
