package io.postbrake.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** An operator's word: unblock. */
@Command(
        name = "unblock",
        mixinStandardHelpOptions = true,
        description = "Lift a block; only newer evidence can block again.")
final class UnblockCommand implements Callable<Integer> {

    @Mixin
    private WordOptions word;

    @Mixin
    private KnownOptions known;

    @Override
    public Integer call() throws Exception {
        return word.sayOfKnown("unblock", null, null, known);
    }
}
