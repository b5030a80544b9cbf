package io.postbrake.agent;

import io.prometheus.jmx.JmxCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.InputStream;
import javax.management.MalformedObjectNameException;

/** The numbers of the connectors in this JVM, among them the plugins' own (KIP-877), for Prometheus. */
public final class ConnectMetrics {

    private ConnectMetrics() {}

    /** Shows them in {@code registry}. */
    public static void show(PrometheusRegistry registry) throws IOException {
        try (InputStream rules = ConnectMetrics.class.getResourceAsStream("metrics.yaml")) {
            new JmxCollector(rules).register(registry);
        } catch (MalformedObjectNameException e) {
            throw new IllegalStateException("metrics.yaml names no valid object", e);
        }
    }
}
