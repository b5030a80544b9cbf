package io.postbrake.cli;

import io.postbrake.control.Control;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.config.RuntimeConfig;
import java.io.PrintWriter;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The switch: from when on anything is blocked. */
@Command(
        name = "enforce",
        mixinStandardHelpOptions = true,
        description =
                "Block from now on, or from a time on: until then detectors tell what they would do, and do nothing."
                        + " 'postbrake report' says what that would have been.")
final class EnforceCommand implements Callable<Integer> {

    @Mixin
    private ClusterOptions cluster;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "A day or a time in UTC, such as 2027-01-31; default now.")
    private String from;

    @Option(names = "--reason", description = "Why; kept and shown.", defaultValue = "said so")
    private String reason;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Instant time = now;
        try {
            time = from == null ? now : DetectionConfig.timeOf(from);
        } catch (DateTimeException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--from is '" + Text.plain(from) + "': give a day or a time in UTC, such as 2027-01-31 or"
                            + " 2027-01-31T12:00:00Z");
        }
        new ControlTopic(cluster).enforceFrom(time, reason);
        PrintWriter out = spec.commandLine().getOut();
        out.println(time.isAfter(now) ? sentence(time) : "blocks are decided and put in force from now on");
        out.flush();
        return ExitCodes.DONE;
    }

    static String sentence(Instant from) {
        return "nothing is blocked before " + from + ": it only watches ('postbrake enforce' ends that,"
                + " 'postbrake report' says what would have been blocked)";
    }

    /** From when on anything is blocked, when that is still to come; null otherwise. */
    static Instant watchedUntil(Control controlOrNull, Instant now) {
        Instant from = controlOrNull == null ? Instant.MIN : RuntimeConfig.enforceFrom(controlOrNull);
        return from.isAfter(now) ? from : null;
    }
}
