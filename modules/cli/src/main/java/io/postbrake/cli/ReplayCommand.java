package io.postbrake.cli;

import io.postbrake.app.DetectionFile;
import io.postbrake.detection.DetectionConfig;
import io.postbrake.geo.GeoLookup;
import io.postbrake.replay.Decisions;
import io.postbrake.replay.Replay;
import io.postbrake.replay.ReplayListener;
import io.postbrake.replay.ReplaySummary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the detector would have decided, had it seen these logs. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = "Run the detection over log files in event time: alerts and blocks, one a line.")
final class ReplayCommand implements Callable<Integer> {

    @Mixin
    private LogOptions logs;

    @Mixin
    private FarOptions far;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            arity = "0..1",
            fallbackValue = "mail.events.v1",
            description = "Replay what this topic holds instead of logs; ${FALLBACK-VALUE} without a name.")
    private String topic;

    @Option(names = "--from", paramLabel = "TIME", description = "Leave out what happened before; ISO 8601 in UTC.")
    private Instant from;

    @Option(names = "--to", paramLabel = "TIME", description = "Leave out what happened then or later.")
    private Instant to;

    @Option(names = "--format", description = "jsonl (default) or text.")
    private DecisionWriter.Format format = DecisionWriter.Format.jsonl;

    @Option(names = "--out", paramLabel = "FILE", description = "Write there instead of to standard output.")
    private Path out;

    @Option(
            names = "--compare",
            arity = "2",
            paramLabel = "A.yaml B.yaml",
            description = "Print a table of what the second configuration would change against the first.")
    private List<Path> compare;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (logs.isEmpty() == (topic == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "give --log HOST=FILE, again for each log, or --topic to read what was shipped");
        }
        if (compare != null && logs.hasConfig()) {
            throw new ParameterException(spec.commandLine(), "--compare names both configurations: leave --config out");
        }
        GeoLookup geo = logs.geo();
        PrintWriter to = out == null
                ? spec.commandLine().getOut()
                : new PrintWriter(Files.newBufferedWriter(out, StandardCharsets.UTF_8));
        try {
            if (compare == null) {
                var writer = new DecisionWriter(to, format);
                run(geo, logs.config(), new Decisions(writer::write));
            } else {
                compare(geo, to);
            }
        } finally {
            to.flush();
            if (out != null) {
                to.close();
            }
        }
        if (to.checkError()) {
            throw new IOException("the decisions could not be written to " + (out == null ? "standard output" : out));
        }
        return 0;
    }

    private void compare(GeoLookup geo, PrintWriter to) throws IOException, InterruptedException {
        DetectionConfig first = DetectionFile.read(compare.get(0));
        DetectionConfig second = DetectionFile.read(compare.get(1));
        var a = new Outcome(compare.get(0).getFileName().toString());
        var b = new Outcome(compare.get(1).getFileName().toString());
        run(geo, first, new Decisions(a::add));
        run(geo, second, new Decisions(b::add));
        ComparisonTable.print(a, b, to);
    }

    private void run(GeoLookup geo, DetectionConfig config, ReplayListener listener)
            throws IOException, InterruptedException {
        Replay.Builder replay =
                Replay.builder().geo(geo).config(config).listener(listener).between(from, to);
        PrintWriter err = spec.commandLine().getErr();
        long started = System.nanoTime();
        ReplaySummary summary;
        if (topic != null) {
            try (var events = new TopicEvents(far.cluster(), topic, from)) {
                summary = replay.runEvents(events);
                if (events.bad() > 0) {
                    err.println(events.bad() + " records could not be read and were left out");
                }
            }
        } else {
            try (Progress progress = Progress.start(logs.addTo(replay), err)) {
                summary = replay.run();
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        err.printf(
                Locale.ROOT,
                "%d lines (%d unparsed, %d with a stamp out of line) from %s to %s in %.1f s, %.0f a second%n",
                summary.lines(),
                summary.unparsed(),
                summary.clamped(),
                summary.first(),
                summary.last(),
                seconds,
                summary.lines() / Math.max(seconds, 1e-9));
        err.flush();
    }
}
