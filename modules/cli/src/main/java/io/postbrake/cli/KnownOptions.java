package io.postbrake.cli;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Keeps a mistyped login from being taken for somebody. */
final class KnownOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--force", description = "Also of a subject that nobody has heard of.")
    private boolean force;

    /** Whether a command may go on about {@code target}; says why not. */
    boolean allows(ClusterOptions cluster, OverrideWriter.Target target) throws IOException {
        if (force) {
            return true;
        }
        SubjectLookup.Found found = new SubjectLookup(cluster.kafka()).find(target.type(), target.name());
        if (!found.known()) {
            spec.commandLine()
                    .getErr()
                    .println("postbrake: nothing is known of " + Text.plain(target.name())
                            + ": no mail, no login, no block"
                            + " and no operator's word"
                            + (found.whole() ? "" : " among the newest records, and there was no time for all of them")
                            + ". Is it spelt right? --force goes on all the same");
        }
        return found.known();
    }
}
