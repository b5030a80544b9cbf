package io.postbrake.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A stolen account's log, and what a deployment is to make of it. */
final class StolenAccount {

    static final String LOGIN = "thief@example.org";
    static final Duration PATIENCE = Duration.ofSeconds(120);

    private StolenAccount() {}

    /** An account that nobody knows sends 120 messages within ten minutes. */
    static String log() {
        var lines = new StringBuilder();
        ZonedDateTime at = ZonedDateTime.now(ZoneOffset.UTC).minusMinutes(10);
        for (int i = 0; i < 120; i++) {
            String stamp = at.plusSeconds(5L * i).format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
            String id = "%010X".formatted(0xA0000 + i);
            lines.append(stamp)
                    .append(" mx1 postfix/submission/smtpd[77]: ")
                    .append(id)
                    .append(": client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=thief@example.org\n")
                    .append(stamp)
                    .append(" mx1 postfix/qmgr[9]: ")
                    .append(id)
                    .append(": from=<thief@example.org>, size=1800, nrcpt=5 (queue active)\n");
        }
        return lines.toString();
    }

    static ConsumerRecord<String, byte[]> first(String brokers, String topic) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                brokers,
                "group.id",
                "test",
                "auto.offset.reset",
                "earliest",
                "isolation.level",
                "read_committed");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    return record;
                }
            }
        }
        throw new AssertionError("nothing came on " + topic);
    }

    interface Condition {
        boolean holds() throws IOException;
    }

    static void awaits(Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    static boolean contains(Path map, String key) throws IOException {
        return new String(Files.readAllBytes(map), StandardCharsets.ISO_8859_1).contains(key + "\0");
    }
}
