package io.postbrake.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** An operator's word: unblock. */
@Command(
        name = "unblock",
        mixinStandardHelpOptions = true,
        description = "Lift a block; only newer evidence can block again.")
final class UnblockCommand implements Callable<Integer> {

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "SUBJECT", description = "Login or client address.")
    private String subject;

    @Option(names = "--reason", required = true, description = "Why; kept and shown.")
    private String reason;

    @Override
    public Integer call() throws Exception {
        new OverrideWriter(cluster).say("unblock", null, subject, reason, null);
        return 0;
    }
}
