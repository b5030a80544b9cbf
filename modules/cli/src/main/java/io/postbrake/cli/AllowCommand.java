package io.postbrake.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** An operator's word: allow. */
@Command(name = "allow", mixinStandardHelpOptions = true, description = "Never block this account or address.")
final class AllowCommand implements Callable<Integer> {

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "SUBJECT", description = "Login or client address.")
    private String subject;

    @Option(names = "--reason", required = true, description = "Why; kept and shown.")
    private String reason;

    @Option(names = "--for", paramLabel = "DURATION", description = "ISO 8601, such as P7D; default until changed.")
    private Duration duration;

    @Override
    public Integer call() throws Exception {
        new OverrideWriter(cluster).say("allow", null, subject, reason, duration);
        return 0;
    }
}
