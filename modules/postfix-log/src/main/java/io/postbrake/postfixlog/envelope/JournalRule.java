package io.postbrake.postfixlog.envelope;

import java.util.Objects;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Who is believed of records of systemd's journal that stand in a log. Any local user may write to a journal under any program's
 * name, but journald puts down who did ({@code _UID}): the shipper goes by that where it reads a journal itself, and so does
 * whoever reads what {@code journalctl} or a collector wrote of one.
 *
 * @param senders numbers of the system's accounts whose records count
 * @param tags identifiers under which the output of containers is logged: behind them Postfix's own header is looked for
 */
public record JournalRule(LongPredicate senders, Set<String> tags) {

    /** Root and the accounts that daemons run as; people's begin with 1000. */
    public static final JournalRule SYSTEM = new JournalRule(uid -> uid <= 999, Set.of());

    /** Copies the tags. */
    public JournalRule {
        Objects.requireNonNull(senders);
        tags = Set.copyOf(tags);
    }
}
