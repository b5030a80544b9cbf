package io.postbrake.detection.correlation;

import io.postbrake.event.MailEvent;
import org.jspecify.annotations.Nullable;

/**
 * What refused a message. A mail server that cannot do its own work refuses everybody's mail, which says nothing about who
 * sends; the classes of enhanced status codes are those of RFC 3463, the words are Postfix's own.
 */
final class Refusal {
    private static final String NOT_OWNED = ">: Sender address rejected: not owned by user ";
    /** What Postfix answers by itself while a milter is away. */
    private static final String MILTER_AWAY = "Service unavailable";

    private Refusal() {}

    /** One of the values of a submission's {@code refusedBy}; null for what a block of ours refused. */
    static @Nullable String by(MailEvent e) {
        if (e.getBlockRef() != null) {
            return null;
        }
        String dsn = e.getDsn();
        String reason = e.getReason() == null ? "" : e.getReason();
        boolean milter = e.getKind().equals("milter_reject");
        if (detail(dsn, ".3.") || (milter && reason.startsWith(MILTER_AWAY))) {
            return "server";
        }
        if (milter) {
            return "milter";
        }
        if (e.getKind().equals("header_check")) {
            return "content";
        }
        if (reason.contains(NOT_OWNED)) {
            return "sender";
        }
        return detail(dsn, ".1.1") || detail(dsn, ".1.2") ? "recipient" : "policy";
    }

    /** Whether a rule on the text refused the message, or a milter a header of it. */
    static boolean ofContent(MailEvent e) {
        return "reject".equals(e.getAction()) || "milter-header-reject".equals(e.getAction());
    }

    private static boolean detail(@Nullable String dsnOrNull, String part) {
        return dsnOrNull != null && dsnOrNull.startsWith(part, 1);
    }
}
