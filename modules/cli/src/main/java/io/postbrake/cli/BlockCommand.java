package io.postbrake.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
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

    @Option(names = "--for", paramLabel = "DURATION", description = "ISO 8601, such as PT4H; default until unblocked.")
    private Duration duration;

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
        return word.say("block", action.name(), duration);
    }
}
