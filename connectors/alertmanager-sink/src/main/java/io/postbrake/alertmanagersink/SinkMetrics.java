package io.postbrake.alertmanagersink;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;

/** The sink's numbers among Connect's own (plugin metrics); tags name a receiver, never a subject. */
final class SinkMetrics {

    private final PluginMetrics metrics;

    SinkMetrics(PluginMetrics metrics) {
        this.metrics = metrics;
    }

    void show(Board board, Deliveries deliveries) {
        gauge("postbrake.alerts.open", Map.of(), board::open);
        gauge("postbrake.alerts.untold", Map.of(), board::untold);
        gauge("postbrake.alerts.accepted", Map.of(), board::acceptances);
        gauge("postbrake.alerts.refused", Map.of(), board::refusals);
        for (Delivery delivery : deliveries.all()) {
            Map<String, String> tags = Map.of("receiver", delivery.name());
            gauge("postbrake.alerts.receiver.available", tags, () -> delivery.available() ? 1L : 0L);
            gauge("postbrake.alerts.receiver.failures", tags, delivery::failedAttempts);
        }
        text(
                "problem.text",
                () -> deliveries.all().stream()
                        .map(Delivery::troubleOrNull)
                        .filter(Objects::nonNull)
                        .collect(Collectors.joining("\n")));
    }

    /** What is wrong, a sentence a line, for whoever asks how this process is. */
    private void text(String name, Supplier<String> value) {
        if (metrics != null) {
            Gauge<String> gauge = (config, now) -> value.get();
            metrics.addMetric(metrics.metricName(name, "Who is not told, and why", new LinkedHashMap<>()), gauge);
        }
    }

    private void gauge(String name, Map<String, String> tags, Supplier<Long> value) {
        if (metrics == null) {
            return; // A worker of before Kafka 4.1.
        }
        Gauge<Long> gauge = (config, now) -> value.get();
        metrics.addMetric(metrics.metricName(name, "", new LinkedHashMap<>(tags)), gauge);
    }
}
