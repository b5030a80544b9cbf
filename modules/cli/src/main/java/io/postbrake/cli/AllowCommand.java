package io.postbrake.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** An operator's word: allow. */
@Command(name = "allow", mixinStandardHelpOptions = true, description = "Never block this account or address.")
final class AllowCommand implements Callable<Integer> {

    @Mixin
    private WordOptions word;

    @Option(names = "--for", paramLabel = "DURATION", description = "Such as 7d; default until changed.")
    private Duration duration;

    @Override
    public Integer call() throws Exception {
        return word.say("allow", null, duration);
    }
}
