package io.postbrake.local;

import io.postbrake.control.Control;
import io.postbrake.detection.config.RuntimeConfig;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What a machine says before its first detector judges: that for some time nothing is blocked. It is said once, on the topic
 * that detectors read whole before they begin, so that starting again, a newer version and an operator's word find it there.
 */
final class FirstWatch {

    private static final String ACTOR = "postbrake up";

    private final ClusterAccess access;
    private final SchemaRegistry registry;

    FirstWatch(ClusterAccess access, SchemaRegistry registry) {
        this.access = access;
        this.registry = registry;
    }

    /** From now on it only watches, for so long. */
    void begin(Duration length) throws InterruptedException, ExecutionException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        write(RuntimeConfig.enforcing(now.plus(length))
                .setActor(ACTOR)
                .setReason("first start: it watches for a while")
                .setAt(now)
                .build());
    }

    /** It enforces now, whatever was said before. */
    void end() throws InterruptedException, ExecutionException {
        write(null);
    }

    private void write(Control controlOrNull) throws InterruptedException, ExecutionException {
        try (var producer = new KafkaProducer<>(
                new HashMap<String, Object>(access.kafka()),
                new StringSerializer(),
                WireSerde.of(registry, Topics.CONTROL.type()).serializer())) {
            producer.send(new ProducerRecord<>(Topics.CONTROL.name(), RuntimeConfig.ENFORCE, controlOrNull))
                    .get();
        }
    }
}
