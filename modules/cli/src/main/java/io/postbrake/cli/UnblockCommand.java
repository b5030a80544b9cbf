package io.postbrake.cli;

import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** An operator's word: unblock, one subject or all that were blocked lately. */
@Command(
        name = "unblock",
        mixinStandardHelpOptions = true,
        description =
                "Lift a block, or with --since all that began then or later; only newer evidence can block again.")
final class UnblockCommand implements Callable<Integer> {

    @Mixin
    private WordOptions word;

    @Mixin
    private KnownOptions known;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Instead of SUBJECT: lift all of the detector's blocks that were decided at this time or later"
                            + " (such as 2026-11-29T10:00:00Z). They are listed, and you are asked.")
    private Instant since;

    @Option(
            names = "--detector",
            paramLabel = "ID",
            description = "With --since: only those whose incident names this detector.")
    private String detector;

    @Option(names = "--yes", description = "With --since: do not ask.")
    private boolean yes;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (since != null) {
            return word.lift(new LiftTogether(since, detector), yes);
        }
        if (detector != null || yes) {
            throw new ParameterException(
                    spec.commandLine(), "--detector and --yes go with --since, which says which blocks are lifted");
        }
        return word.sayOfKnown("unblock", null, null, known);
    }
}
