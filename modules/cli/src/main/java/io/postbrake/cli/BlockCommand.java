package io.postbrake.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Blocks an account, an address or a network by an operator's word. */
@Command(
        name = "block",
        mixinStandardHelpOptions = true,
        description = "Block an account, a client address or a network.")
final class BlockCommand implements Callable<Integer> {

    @Mixin
    private WordOptions word;

    @Mixin
    private KnownOptions known;

    @ArgGroup
    private Length length;

    /** When it ends: one of the two. */
    static final class Length {
        static final Duration DEFAULT = Duration.ofDays(7);

        @Option(names = "--for", paramLabel = "DURATION", description = "Such as 4h or 30d; default 7d.")
        private Duration duration;

        @Option(names = "--until-unblocked", description = "It does not end by itself.")
        private boolean forGood;
    }

    enum Action {
        hold,
        defer,
        reject,
        disconnect
    }

    @Option(names = "--action", defaultValue = "reject", description = "${COMPLETION-CANDIDATES}; default reject.")
    private Action action;

    @Override
    public Integer call() throws Exception {
        Duration lasts = length == null ? Length.DEFAULT : length.forGood ? null : length.duration;
        return word.sayOfKnown("block", action.name(), lasts, known);
    }
}
