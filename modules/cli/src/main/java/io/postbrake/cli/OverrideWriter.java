package io.postbrake.cli;

import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.SubjectKeys;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Puts an operator's word on the overrides topic. */
final class OverrideWriter {

    private final ClusterOptions cluster;

    OverrideWriter(ClusterOptions cluster) {
        this.cluster = cluster;
    }

    /**
     * Says {@code verb} of the account or address and returns when the brokers have it.
     *
     * @param duration how long it stands; null until changed
     * @throws IllegalArgumentException when an address is to be blocked, which no host enforces yet
     */
    void say(String verb, String action, String subject, String reason, Duration duration)
            throws IOException, InterruptedException, ExecutionException {
        boolean address = isAddress(subject);
        if (address && verb.equals("block")) {
            throw new IllegalArgumentException("SUBJECT is '" + Text.plain(subject)
                    + "': hosts do not enforce blocks of addresses yet; give the account's login");
        }
        String name = subject.strip().toLowerCase(Locale.ROOT);
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        var word = OperatorOverride.newBuilder()
                .setSubject(name)
                .setSubjectType(address ? "client_ip" : "sasl_user")
                .setVerb(verb)
                .setAction(action)
                .setActor(System.getProperty("user.name", "unknown"))
                .setReason(reason)
                .setAt(now)
                .setEndsAt(duration == null ? null : now.plus(duration))
                .build();
        var config = cluster.kafka();
        config.put("enable.idempotence", true);
        var topic = Topics.OVERRIDES;
        try (var producer = new KafkaProducer<>(
                config,
                new StringSerializer(),
                WireSerde.of(cluster.registry(), topic.type()).serializer())) {
            String key = address ? SubjectKeys.client(name) : SubjectKeys.account(name);
            producer.send(new ProducerRecord<>(topic.name(), key, word)).get();
        }
    }

    private static boolean isAddress(String subject) {
        return subject.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") || (subject.contains(":") && !subject.contains("@"));
    }
}
