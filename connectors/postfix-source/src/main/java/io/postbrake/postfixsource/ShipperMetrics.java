package io.postbrake.postfixsource;

import io.postbrake.logtail.TailCounters;
import io.postbrake.postfixsource.LogHealth.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;

/** The shipper's numbers among Connect's own (plugin metrics); the tags name a log or a listener, nothing that was read. */
final class ShipperMetrics {

    private final PluginMetrics metrics;
    private final Map<String, List<MetricName>> names = new HashMap<>();

    /** {@code metrics} is null on a worker of before Kafka 4.1: then nothing is shown. */
    ShipperMetrics(PluginMetrics metrics) {
        this.metrics = metrics;
    }

    void add(LogShipper log) {
        add(log.log().toString(), log.read(), log.counters());
        add(log.log().toString(), log.health());
    }

    void add(JournalShipper journal) {
        add(journal.name(), journal.read(), journal.counters());
        add(journal.name(), journal.health());
    }

    private void add(String tag, LogHealth health) {
        show(
                "log",
                tag,
                "postbrake.shipper.log.unreadable",
                "1: missing or unreadable",
                () -> has(health, Kind.UNREADABLE));
        show(
                "log",
                tag,
                "postbrake.shipper.log.silent",
                "1: no line of Postfix for an hour",
                () -> has(health, Kind.SILENT));
        show(
                "log",
                tag,
                "postbrake.shipper.log.not.understood",
                "1: over a fifth of Postfix's lines",
                () -> has(health, Kind.NOT_UNDERSTOOD));
        show("log", tag, "postbrake.shipper.stamps.lag.seconds", "Steady lag of the stamps", health::lagSeconds);
    }

    private static long has(LogHealth health, Kind kind) {
        return health.problems(Instant.now()).stream().anyMatch(p -> p.kind() == kind) ? 1 : 0;
    }

    /** The sentences, for whoever asks whether the shipper is ready; they are no number, so no scrape shows them. */
    void show(HealthBoard board) {
        if (metrics != null) {
            MetricName made = metrics.metricName("problem.text", "What is wrong with the logs", new LinkedHashMap<>());
            Gauge<String> gauge = (config, now) -> board.text();
            metrics.addMetric(made, gauge);
            show(
                    "kind",
                    "all",
                    "postbrake.shipper.problems",
                    "How much is wrong with the logs",
                    () -> board.problems().size());
        }
    }

    private void add(String tag, TailCounters read, LineCounters counters) {
        show("log", tag, "postbrake.shipper.bytes.behind", "Bytes of text not read yet", read.behind::get);
        show("log", tag, "postbrake.shipper.lines", "Lines read", read.lines::get);
        show("log", tag, "postbrake.shipper.foreign.lines", "Lines of other programs", counters.foreign::get);
        show("log", tag, "postbrake.shipper.unparsed.lines", "Lines that were not understood", counters.unparsed::get);
        show("log", tag, "postbrake.shipper.cut.lines", "Lines longer than line.max.bytes", counters.cut::get);
        show(
                "log",
                tag,
                "postbrake.shipper.undated.lines",
                "Old lines without a stamp, left out",
                counters.undated::get);
        show("log", tag, "postbrake.shipper.truncations", "Truncations while followed", read.truncations::get);
        show("log", tag, "postbrake.shipper.gaps", "Starts that found the last text gone", read.gaps::get);
        show("log", tag, "postbrake.shipper.unreadable.files", "Kept files that cannot be read", read.unreadable::get);
        show("log", tag, "postbrake.shipper.unkept.texts", "Texts the quarantine did not keep", counters.unkept::get);
    }

    void remove(LogShipper log) {
        for (MetricName name : names.getOrDefault(log.log().toString(), List.of())) {
            metrics.removeMetric(name);
        }
        names.remove(log.log().toString());
    }

    void show(String tag, String tagged, String name, String description, LongSupplier value) {
        if (metrics == null) {
            return;
        }
        var tags = new LinkedHashMap<String, String>();
        tags.put(tag, tagged);
        MetricName made = metrics.metricName(name, description, tags);
        Gauge<Long> gauge = (config, now) -> value.getAsLong();
        metrics.addMetric(made, gauge);
        names.computeIfAbsent(tagged, t -> new ArrayList<>()).add(made);
    }
}
