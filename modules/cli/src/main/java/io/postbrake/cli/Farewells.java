package io.postbrake.cli;

import io.postbrake.block.EnforcementReport;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Says of hosts that cannot say so themselves that they are none any more. */
final class Farewells {

    private static final Duration PATIENCE = Duration.ofMillis(Long.parseLong(ClusterOptions.PATIENCE_MS));

    private Farewells() {}

    /** Says of these hosts, by their newest reports, that they are none any more, and returns when the brokers have it. */
    static void say(ClusterOptions cluster, Map<String, EnforcementReport> reports, Instant now) throws Exception {
        Map<String, Object> client = new HashMap<>(cluster.kafka());
        client.put("acks", "all");
        client.put("max.block.ms", PATIENCE.toMillis());
        client.put("delivery.timeout.ms", (int) PATIENCE.toMillis());
        client.put("request.timeout.ms", (int) PATIENCE.toMillis() / 2);
        client.put("linger.ms", 0);
        SchemaRegistry registry = cluster.registry();
        try (var producer = new KafkaProducer<>(
                client,
                new StringSerializer(),
                WireSerde.of(registry, EnforcementReport.class).serializer())) {
            for (Map.Entry<String, EnforcementReport> report : reports.entrySet()) {
                producer.send(new ProducerRecord<>(
                                Topics.ENFORCEMENT.name(), report.getKey(), farewell(report.getValue(), now)))
                        .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static EnforcementReport farewell(EnforcementReport last, Instant now) {
        return EnforcementReport.newBuilder()
                .setHostId(last.getHostId())
                .setHostLabel(last.getHostLabel())
                .setKind(last.getKind())
                .setAt(now)
                .setStartedAt(last.getStartedAt())
                .setEndedAt(now)
                .build();
    }
}
