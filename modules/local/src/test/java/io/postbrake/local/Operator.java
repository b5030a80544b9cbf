package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Whoever runs a stack in a test: says words and waits. */
final class Operator {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Operator() {}

    static void unblocks(LocalStack stack, String account) throws Exception {
        says("unblock", stack, account);
    }

    static void blocks(LocalStack stack, String account) throws Exception {
        says("block", stack, account);
    }

    private static void says(String verb, LocalStack stack, String account) throws Exception {
        says(verb, stack, SubjectKeys.SASL_USER, SubjectKeys.bare(SubjectKeys.account(account)));
    }

    static void says(String verb, LocalStack stack, String type, String subject) throws Exception {
        var registry = ConfluentSchemaRegistry.connect(
                stack.access().registryUrl(), stack.access().registry());
        try (var producer = new KafkaProducer<>(
                new HashMap<String, Object>(stack.access().kafka()),
                new StringSerializer(),
                WireSerde.of(registry, OperatorOverride.class).serializer())) {
            var word = OperatorOverride.newBuilder()
                    .setSubject(subject)
                    .setSubjectType(type)
                    .setVerb(verb)
                    .setActor("postmaster")
                    .setReason("password changed")
                    .setAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
                    .build();
            producer.send(new ProducerRecord<>(Topics.OVERRIDES.name(), type + ":" + subject, word))
                    .get();
        }
    }

    static void awaits(String what, BooleanSupplier condition) throws InterruptedException {
        awaits(what, PATIENCE, condition);
    }

    /** Tells also what {@code missing} is by the end. */
    static void awaits(String what, BooleanSupplier condition, Object missing) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("%s, without %s", what, missing).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    static void awaits(String what, Duration patience, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
