package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.postbrake.agent.ConnectMetrics;
import org.junit.jupiter.api.Test;

/** The detector's numbers and the connectors', in one registry as {@code up} has them. */
class SharedMetricsTest {

    @Test
    void theFirstScrapeOfAProcessIsWhole() throws Exception {
        var detector = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        detector.counter("postbrake.events").increment();
        ConnectMetrics.show(detector.getPrometheusRegistry());

        String first = detector.scrape();

        assertThat(first).contains("postbrake_events_total 1.0", "jmx_scrape_error 0.0");
    }
}
