package io.postbrake.postfixlog;

import io.postbrake.event.MailEvent;

/** Lines of cleanup. */
final class Cleanup {

    private Cleanup() {}

    static void read(MailEvent event, Cursor at) {
        if (at.take("message-id=") || at.take("resent-message-id=")) {
            String id = at.rest();
            event.setMessageId(id.startsWith("<") && id.endsWith(">") ? id.substring(1, id.length() - 1) : id);
            event.setKind("message_id");
        } else if (at.rest().startsWith("to=<")) {
            Delivery.delivery(event, at);
        } else if (at.take("milter-")) {
            Smtpd.milter(event, at);
        } else {
            String rest = at.rest();
            int colon = rest.indexOf(": ");
            if (colon > 0 && colon < 10 && isHeaderCheck(rest.substring(colon + 2))) {
                event.setAction(rest.substring(0, colon));
                // Header text and what follows it are the sender's: kept as one, never taken apart.
                event.setReason(rest.substring(colon + 2));
                event.setKind("header_check");
            }
        }
    }

    private static boolean isHeaderCheck(String s) {
        return s.startsWith("header ")
                || s.startsWith("body ")
                || s.startsWith("mime-header ")
                || s.startsWith("nested-header ");
    }
}
