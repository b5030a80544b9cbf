package io.postbrake.cli;

import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.wire.SchemaRegistry;
import io.postbrake.wire.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Waits, within a bound, until every host that is there says that its tables are as an operator's word wants them. */
final class HostsFollow implements AutoCloseable {

    /** A host that said nothing for so long is not there; the longest interval between reports is a minute. */
    private static final Duration THERE = Duration.ofSeconds(90);

    private final KafkaConsumer<String, byte[]> consumer;
    private final ReadableRecords<EnforcementReport> readable;
    private final Map<TopicPartition, Long> ends;
    private final Heard heard;

    /**
     * What hosts said of a word.
     *
     * @param confirmed hosts that follow it
     * @param problems by host, why it follows the word and the subject is not blocked there all the same
     * @param open hosts that have not said so
     */
    record Answer(List<String> confirmed, Map<String, String> problems, List<String> open) {}

    /** Folds reports; apart from Kafka. */
    static final class Heard {
        private final String subject;
        private final String type;
        private final Instant at;
        private final Instant since;
        /** The only host that the subject is of; null: all. */
        private final String only;

        private final TreeSet<String> there = new TreeSet<>();
        private final Map<String, String> follows = new TreeMap<>();

        Heard(OperatorOverride word) {
            subject = word.getSubject();
            type = word.getSubjectType();
            at = word.getAt();
            since = at.minus(THERE);
            only = SubjectKeys.onlyHostOrNull(type + ":" + subject);
        }

        void take(EnforcementReport report) {
            boolean ours = subject.equals(report.getSubject()) && type.equals(report.getSubjectType());
            if (report.getKind().equals("host")) {
                boolean concerned = only == null || only.equals(report.getHostId());
                if (report.getEndedAt() != null) {
                    there.remove(report.getHostId());
                } else if (concerned && report.getAt().isAfter(since)) {
                    there.add(report.getHostId());
                }
            } else if (ours && at.equals(report.getDecidedAt()) && report.getWrittenAt() != null) {
                // A host of an earlier version says of a block alone that it has it.
                follows.merge(report.getHostId(), report.getProblem() == null ? "" : report.getProblem(), (a, b) -> b);
            }
        }

        boolean all() {
            return follows.keySet().containsAll(there);
        }

        Answer answer() {
            Map<String, String> problems = new TreeMap<>(follows);
            problems.values().removeIf(String::isEmpty);
            return new Answer(
                    List.copyOf(follows.keySet()),
                    problems,
                    there.stream().filter(host -> !follows.containsKey(host)).toList());
        }
    }

    /** Listens for what hosts say of {@code word}, which was said already. */
    HostsFollow(Map<String, Object> kafka, SchemaRegistry registry, OperatorOverride word) {
        Map<String, Object> config = new HashMap<>(kafka);
        config.put("enable.auto.commit", false);
        config.put("allow.auto.create.topics", false);
        heard = new Heard(word);
        readable = new ReadableRecords<>(registry, Topics.ENFORCEMENT);
        consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.ENFORCEMENT.name()).stream()
                .map(p -> new TopicPartition(p.topic(), p.partition()))
                .toList();
        consumer.assign(partitions);
        ends = consumer.endOffsets(partitions);
        Map<TopicPartition, Long> times = new HashMap<>();
        partitions.forEach(p -> times.put(p, heard.since.toEpochMilli()));
        consumer.offsetsForTimes(times)
                .forEach((partition, found) ->
                        consumer.seek(partition, found == null ? ends.get(partition) : found.offset()));
    }

    /** Returns when all confirmed, or when {@code patience} is over. */
    Answer await(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < end && !(caughtUp() && heard.all())) {
            consumer.poll(Duration.ofMillis(50))
                    .forEach(record -> readable.take(record, (key, report) -> {
                        if (report != null) {
                            heard.take(report);
                        }
                    }));
        }
        return heard.answer();
    }

    private boolean caughtUp() {
        return ends.entrySet().stream().allMatch(e -> consumer.position(e.getKey()) >= e.getValue());
    }

    @Override
    public void close() {
        consumer.close();
        readable.close();
    }
}
