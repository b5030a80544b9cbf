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
        description =
                "Run the detection over log files, or over the topic of events, in event time: alerts and blocks, one a line.")
final class ReplayCommand implements Callable<Integer> {

    @Mixin
    private HistoryOptions history;

    @Option(names = "--format", paramLabel = "FORMAT", description = "jsonl (default) or text.")
    private DecisionWriter.Format format = DecisionWriter.Format.jsonl;

    @Option(names = "--out", paramLabel = "FILE", description = "Write there instead of to standard output.")
    private Path out;

    @Option(
            names = "--compare",
            arity = "2",
            paramLabel = "FILE",
            description = "Two configurations: print a table of what the second would change against the first.")
    private List<Path> compare;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        history.check();
        LogOptions logs = history.logs();
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

    private void compare(GeoLookup geo, PrintWriter to) throws IOException {
        DetectionConfig first = DetectionFile.read(compare.get(0));
        DetectionConfig second = DetectionFile.read(compare.get(1));
        var a = new Outcome(compare.get(0).getFileName().toString());
        var b = new Outcome(compare.get(1).getFileName().toString());
        run(geo, first, new Decisions(a::add));
        run(geo, second, new Decisions(b::add));
        ComparisonTable.print(a, b, to);
    }

    private void run(GeoLookup geo, DetectionConfig config, ReplayListener listener) throws IOException {
        Replay.Builder replay = Replay.builder().geo(geo).config(config).listener(listener);
        PrintWriter err = spec.commandLine().getErr();
        long started = System.nanoTime();
        ReplaySummary summary = history.over(replay, err);
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
