package io.postbrake.cli;

import io.postbrake.block.OperatorOverride;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Whom an operator's word is about, why, and who says it. */
final class WordOptions {

    @Mixin
    private ClusterOptions cluster;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Parameters(
            paramLabel = "SUBJECT",
            description =
                    "Login, client address, network (192.0.2.0/24) or, to allow, domain of logins (@example.org).")
    private String subject;

    @Option(names = "--reason", required = true, description = "Why; kept and shown.")
    private String reason;

    @Option(names = "--actor", description = "What stands behind user@host of this terminal as the one who says it.")
    private String actor;

    @Option(names = "--json", description = "Print the record as JSON.")
    private boolean json;

    /** As {@link OverrideWriter#say}; tells what is recorded. */
    int say(String verb, String action, Duration duration)
            throws IOException, InterruptedException, ExecutionException {
        if (reason.isBlank()) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--reason is empty: say why");
        }
        if (duration != null && (duration.isNegative() || duration.isZero())) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--for is " + duration + ": give a time ahead, such as PT4H");
        }
        String who = Actor.here(actor);
        OperatorOverride word = new OverrideWriter(cluster).say(verb, action, subject, reason, duration, who);
        var out = spec.commandLine().getOut();
        if (json) {
            Json.print(out, Json.of(word));
        } else {
            var times = new Times(Instant.now(), ZoneId.systemDefault());
            out.println(Text.plain(verb + " " + word.getSubject() + times.until(word.getEndsAt()) + ", by " + who));
            out.flush();
        }
        return 0;
    }
}
