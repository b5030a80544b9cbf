package io.postbrake.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Connect keeps in JMX, as Prometheus reads it. */
class ConnectMetricsTest {

    private final List<ObjectName> shown = new java.util.ArrayList<>();

    @AfterEach
    void forgets() throws Exception {
        for (ObjectName name : shown) {
            ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
        }
    }

    @Test
    void neighboursOfAnAttributeAreNotTakenForIt() throws Exception {
        given(
                "kafka.connect:type=source-task-metrics,connector=postfix-source-mx1,task=0",
                Map.of(
                        "source-record-active-count", 3.0,
                        "source-record-active-count-max", Double.NaN,
                        "source-record-active-count-avg", Double.NaN,
                        "source-record-write-total", 7.0,
                        "source-record-write-total-of-others", 70.0));
        given(
                "kafka.producer:type=producer-metrics,client-id=postbrake-shipper-mx1",
                Map.of("request-latency-avg", 1.5, "request-latency-avg-of-others", 99.0, "connection-count", 2.0));
        given(
                "kafka.consumer:type=consumer-fetch-manager-metrics,client-id=postbrake-enforcer-mx1",
                Map.of("records-lag-max", 4.0, "records-lag-max-age", 40.0));

        List<String> series = scrape();

        assertThat(series)
                .contains(
                        "postbrake_agent_records_unconfirmed 3.0",
                        "postbrake_agent_records_written_total 7.0",
                        "postbrake_agent_producer_request_latency_avg 1.5",
                        "postbrake_agent_producer_connection_count 2.0",
                        "postbrake_agent_consumer_records_lag_max 4.0");
        assertThat(series.stream().map(s -> s.substring(0, s.lastIndexOf(' ')))).doesNotHaveDuplicates();
    }

    private static List<String> scrape() throws Exception {
        var registry = new PrometheusRegistry();
        ConnectMetrics.show(registry);
        var text = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(text, registry.scrape());
        return text.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("postbrake_"))
                .toList();
    }

    private void given(String name, Map<String, Double> attributes) throws Exception {
        var object = new ObjectName(name);
        ManagementFactory.getPlatformMBeanServer().registerMBean(new Numbers(new TreeMap<>(attributes)), object);
        shown.add(object);
    }

    /** An object of JMX with these numbers, as Kafka makes them. */
    private record Numbers(Map<String, Double> values) implements DynamicMBean {

        @Override
        public Object getAttribute(String name) {
            return values.get(name);
        }

        @Override
        public void setAttribute(Attribute attribute) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AttributeList getAttributes(String[] names) {
            var list = new AttributeList();
            Stream.of(names).forEach(name -> list.add(new Attribute(name, values.get(name))));
            return list;
        }

        @Override
        public AttributeList setAttributes(AttributeList attributes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object invoke(String action, Object[] parameters, String[] signature) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MBeanInfo getMBeanInfo() {
            return new MBeanInfo(
                    "numbers",
                    "",
                    values.keySet().stream()
                            .map(name -> new MBeanAttributeInfo(name, "double", "", true, false, false))
                            .toArray(MBeanAttributeInfo[]::new),
                    null,
                    null,
                    null);
        }
    }
}
