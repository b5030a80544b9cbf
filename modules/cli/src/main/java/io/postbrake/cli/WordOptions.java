package io.postbrake.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whom an operator's word is about, and why. */
final class WordOptions {

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "SUBJECT", description = "Login, client address, or network (192.0.2.0/24).")
    private String subject;

    @Option(names = "--reason", required = true, description = "Why; kept and shown.")
    private String reason;

    /** As {@link OverrideWriter#say}. */
    int say(String verb, String action, Duration duration)
            throws IOException, InterruptedException, ExecutionException {
        new OverrideWriter(cluster).say(verb, action, subject, reason, duration);
        return 0;
    }
}
