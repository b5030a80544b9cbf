package io.postbrake.cli;

import io.postbrake.logtail.UserIds;
import io.postbrake.postfixlog.envelope.JournalRule;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whose records count of a journal that {@code journalctl} or a collector wrote to a log. */
final class JournalOptions {

    @Option(
            names = "--journal-uids",
            paramLabel = "UIDS",
            split = ",",
            defaultValue = UserIds.SYSTEM,
            description = "Accounts whose records of a journal count, as the shipper's journal.uids; default"
                    + " ${DEFAULT-VALUE}. Any local user can write to a journal, and journald says who did.")
    private List<String> uids;

    @Option(
            names = "--journal-container-tags",
            paramLabel = "TAGS",
            split = ",",
            description = "Identifiers under which containers' output is in a journal, as journal.container.tags.")
    private List<String> tags = List.of();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** The rule that the options say. */
    JournalRule rule() {
        try {
            return new JournalRule(UserIds.of(uids)::contains, Set.copyOf(tags));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--journal-uids: " + e.getMessage(), e);
        }
    }
}
