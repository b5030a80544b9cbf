package io.postbrake.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Blocks an account or address by an operator's word. */
@Command(name = "block", mixinStandardHelpOptions = true, description = "Block an account or client address.")
final class BlockCommand implements Callable<Integer> {

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "SUBJECT", description = "Login or client address.")
    private String subject;

    @Option(names = "--reason", required = true, description = "Why; kept and shown.")
    private String reason;

    @Option(names = "--for", paramLabel = "DURATION", description = "ISO 8601, such as PT4H; default until unblocked.")
    private Duration duration;

    enum Action {
        hold,
        defer,
        reject
    }

    @Option(names = "--action", defaultValue = "reject", description = "${COMPLETION-CANDIDATES}; default reject.")
    private Action action;

    @Override
    public Integer call() throws Exception {
        new OverrideWriter(cluster).say("block", action.name(), subject, reason, duration);
        return 0;
    }
}
