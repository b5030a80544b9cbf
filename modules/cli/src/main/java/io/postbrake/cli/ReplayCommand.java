package io.postbrake.cli;

import io.postbrake.app.DetectionFile;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.geo.GeoLookup;
import io.postbrake.replay.Decision;
import io.postbrake.replay.Decisions;
import io.postbrake.replay.Replay;
import io.postbrake.replay.ReplaySummary;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
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
                "Run the detection over log files, or over the topic of events, in event time: alerts and blocks, one"
                        + " a line.")
final class ReplayCommand implements Callable<Integer> {

    @Mixin
    private HistoryOptions history;

    @Option(names = "--format", paramLabel = "FORMAT", description = "jsonl (default) or text.")
    private DecisionWriter.Format format;

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
        if (compare != null && format != null) {
            throw new ParameterException(spec.commandLine(), "--compare prints a table: leave --format out");
        }
        // All that may be wrong is read before a file is written over.
        List<DetectionConfig> configs = new ArrayList<>();
        if (compare == null) {
            configs.add(logs.config());
        } else {
            for (Path file : compare) {
                configs.add(DetectionFile.read(file));
            }
        }
        GeoLookup geo = logs.geo();
        boolean understood;
        PrintWriter to = out == null ? spec.commandLine().getOut() : new PrintWriter(opened());
        try {
            if (compare == null) {
                var writer = new DecisionWriter(to, format == null ? DecisionWriter.Format.jsonl : format);
                understood = run(geo, configs.get(0), writer::write);
            } else {
                understood = compare(geo, configs, to);
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
        return understood ? 0 : 1;
    }

    private Writer opened() throws IOException {
        try {
            return Files.newBufferedWriter(out, StandardCharsets.UTF_8);
        } catch (IOException e) {
            String why = e instanceof NoSuchFileException ? "there is no such folder" : e.toString();
            throw new IOException("--out is '" + out + "', which cannot be written (" + why + ")", e);
        }
    }

    private boolean compare(GeoLookup geo, List<DetectionConfig> configs, PrintWriter to) throws IOException {
        boolean namesakes = compare.get(0).getFileName().equals(compare.get(1).getFileName());
        List<Outcome> outcomes = new ArrayList<>();
        boolean understood = true;
        for (int i = 0; i < configs.size(); i++) {
            Path file = namesakes ? compare.get(i) : compare.get(i).getFileName();
            var outcome = new Outcome(file.toString());
            outcomes.add(outcome);
            understood &= run(geo, configs.get(i), outcome::add);
        }
        ComparisonTable.print(outcomes.get(0), outcomes.get(1), to);
        return understood;
    }

    /** Whether any line could be read. */
    private boolean run(GeoLookup geo, DetectionConfig config, Consumer<Decision> decided) throws IOException {
        long[] told = new long[2];
        Replay.Builder replay = Replay.builder().geo(geo).config(config).listener(new Decisions(d -> {
            told[d.type().equals("alert") ? 0 : 1]++;
            decided.accept(d);
        }));
        PrintWriter err = spec.commandLine().getErr();
        long started = System.nanoTime();
        ReplaySummary summary = history.over(replay, err);
        double seconds = (System.nanoTime() - started) / 1e9;
        if (!summary.understood()) {
            err.println(nothingUnderstood(summary));
        } else {
            err.printf(
                    Locale.ROOT,
                    "%d lines (%d unparsed, %d with a stamp out of line) from %s to %s: %d alerts, %d blocks, had it watched."
                            + " It took %.1f s, %.0f lines a second%n",
                    summary.lines(),
                    summary.unparsed(),
                    summary.clamped(),
                    summary.first(),
                    summary.last(),
                    told[0],
                    told[1],
                    seconds,
                    summary.lines() / Math.max(seconds, 1e-9));
        }
        err.flush();
        return summary.understood();
    }

    /** Says that logs were given of which nothing can be told. */
    static String nothingUnderstood(ReplaySummary summary) {
        return summary.lines() + " lines, and none of them could be read as Postfix's (" + summary.foreign()
                + " are other programs'): give logs that Postfix wrote, with their time stamps";
    }
}
