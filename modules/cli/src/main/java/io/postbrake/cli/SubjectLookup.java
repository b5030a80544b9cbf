package io.postbrake.cli;

import io.postbrake.streams.DetectorTopology;
import io.postbrake.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Whether anybody has heard of a subject: an operator, the detector, or a mail host. The keys of one partition of each topic
 * tell, from the newest record back, within a bound of time; values stay bytes, so that no registry is asked.
 */
final class SubjectLookup {

    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final int FIRST_STEP = 5_000;
    private static final int STEP_GROWTH = 4;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final String CHANGELOG = "-" + DetectorTopology.SUBJECT_STATES + "-changelog";

    private final Map<String, Object> kafka;
    private final Duration bound;

    /**
     * What was found.
     *
     * @param known whether a record is about the subject
     * @param whole false when the time was up before all was looked through
     */
    record Found(boolean known, boolean whole) {}

    SubjectLookup(Map<String, Object> kafka) {
        this(kafka, BOUND);
    }

    SubjectLookup(Map<String, Object> kafka, Duration bound) {
        this.kafka = kafka;
        this.bound = bound;
    }

    /**
     * Looks for the subject.
     *
     * @param type sasl_user, client_ip or client_net
     */
    Found find(String type, String name) {
        String key = type + ":" + name;
        Map<String, Object> config = new HashMap<>(kafka);
        config.put("enable.auto.commit", false);
        config.put("allow.auto.create.topics", false);
        config.put("max.poll.records", FIRST_STEP);
        long end = System.nanoTime() + bound.toNanos();
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            Set<String> there = consumer.listTopics().keySet();
            for (Place place : places(there, key, name)) {
                if (there.contains(place.topic()) && isIn(consumer, place, end)) {
                    return new Found(true, true);
                }
                if (System.nanoTime() > end) {
                    return new Found(false, false);
                }
            }
            return new Found(false, true);
        }
    }

    /** Where the subject would be, small topics first. */
    private record Place(String topic, String key) {}

    private static List<Place> places(Set<String> there, String key, String name) {
        List<Place> places = new ArrayList<>(List.of(
                new Place(Topics.OVERRIDES.name(), key),
                new Place(Topics.BLOCKS.name(), key),
                new Place(Topics.MAIL_SUBMISSIONS.name(), name),
                new Place(Topics.FINDINGS.name(), key),
                new Place(Topics.PROFILES.name(), key)));
        // What the detector remembers, whatever its application.id is.
        there.stream().filter(topic -> topic.endsWith(CHANGELOG)).sorted().forEach(t -> places.add(new Place(t, key)));
        return places;
    }

    private static boolean isIn(KafkaConsumer<String, byte[]> consumer, Place place, long end) {
        int partitions = consumer.partitionsFor(place.topic()).size();
        byte[] bytes = place.key().getBytes(StandardCharsets.UTF_8);
        var partition = new TopicPartition(place.topic(), BuiltInPartitioner.partitionForKey(bytes, partitions));
        List<TopicPartition> one = List.of(partition);
        consumer.assign(one);
        long first = consumer.beginningOffsets(one).get(partition);
        long upTo = consumer.endOffsets(one).get(partition);
        long step = FIRST_STEP;
        while (upTo > first && System.nanoTime() < end) {
            long from = Math.max(first, upTo - step);
            if (isBetween(consumer, partition, from, upTo, place.key(), end)) {
                return true;
            }
            upTo = from;
            step *= STEP_GROWTH;
        }
        return false;
    }

    private static boolean isBetween(
            KafkaConsumer<String, byte[]> consumer,
            TopicPartition partition,
            long from,
            long upTo,
            String key,
            long end) {
        consumer.seek(partition, from);
        while (consumer.position(partition) < upTo && System.nanoTime() < end) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                if (key.equals(record.key())) {
                    return true;
                }
            }
        }
        return false;
    }
}
