package io.postbrake.policysink;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads both topics from their beginning at every start and keeps the map up to date. */
public final class PolicySinkTask extends SinkTask {

    private static final Logger LOG = LoggerFactory.getLogger(PolicySinkTask.class);
    private static final long TICK_MS = 1000;

    private PolicySinkConfig config;
    private PolicyMap map;
    private Enforcement enforcement;
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private final Map<TopicPartition, Long> positions = new HashMap<>();

    @Override
    public void start(Map<String, String> settings) {
        config = new PolicySinkConfig(settings);
        try {
            map = PolicyMap.open(config.mapPath(), config.getLong(PolicySinkConfig.MAP_SIZE));
        } catch (IOException e) {
            throw new ConnectException("cannot open " + config.mapPath() + ": " + e.getMessage(), e);
        }
        enforcement = new Enforcement(map, Clock.systemUTC());
        context.timeout(TICK_MS);
    }

    @Override
    public void open(Collection<TopicPartition> partitions) {
        ends.clear();
        positions.clear();
        // What is replayed is folded anew: until its end is reached, the map stays as it is.
        enforcement = new Enforcement(map, Clock.systemUTC());
        // Without a replay from the beginning, a map that was lost would stay empty although offsets are committed.
        context.offset(context.assignment().stream().collect(Collectors.toMap(tp -> tp, tp -> 0L)));
        ends.putAll(TopicEnds.of(config.client(), context.assignment()));
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        Set<String> touched = new HashSet<>();
        for (SinkRecord record : records) {
            try {
                take(record, touched);
            } catch (DataException e) {
                report(record, e);
            }
            positions.merge(
                    new TopicPartition(record.topic(), record.kafkaPartition()), record.kafkaOffset() + 1, Math::max);
        }
        context.timeout(TICK_MS); // Connect forgets it at every poll; ended blocks need it on idle topics.
        try {
            if (!enforcement.isCaughtUp() && atTheEnd()) {
                enforcement.caughtUp();
                LOG.info("{} agrees with the topics", config.mapPath());
            }
            enforcement.write(touched);
            enforcement.tick();
        } catch (IOException e) {
            throw new RetriableException("cannot write " + config.mapPath() + ": " + e.getMessage(), e);
        }
    }

    private boolean atTheEnd() {
        // Connect also calls before any partition is assigned; nothing is known then.
        return !ends.isEmpty()
                && ends.entrySet().stream().allMatch(e -> positions.getOrDefault(e.getKey(), 0L) >= e.getValue());
    }

    private void take(SinkRecord record, Set<String> touched) {
        if (!(record.key() instanceof String key)) {
            throw new DataException("the key of " + record.topic() + " must be a string");
        }
        if (record.value() != null && !(record.value() instanceof Struct)) {
            throw new DataException("the value of " + record.topic() + " must be a record");
        }
        boolean block = record.topic().equals(config.getString(PolicySinkConfig.BLOCKS_TOPIC));
        Struct value = (Struct) record.value();
        if (block) {
            enforcement.block(key, value == null ? null : block(value), touched);
        } else {
            enforcement.word(key, value == null ? null : word(value), touched);
        }
    }

    /** Without a dead-letter topic the record stays where it is read from, at the position that is logged. */
    private void report(SinkRecord record, DataException e) {
        LOG.warn("{}-{}@{}: {}", record.topic(), record.kafkaPartition(), record.kafkaOffset(), e.getMessage());
        ErrantRecordReporter reporter = context.errantRecordReporter();
        if (reporter != null) {
            var unused = reporter.report(record, e);
        }
    }

    private static Wanted block(Struct s) {
        return new Wanted(
                "block",
                s.getString("action"),
                s.getString("text"),
                s.getString("reference"),
                needed(instant(s, "decidedAt"), "decidedAt"),
                needed(instant(s, "lastEvidenceAt"), "lastEvidenceAt"),
                needed(instant(s, "endsAt"), "endsAt"));
    }

    private static Wanted word(Struct s) {
        return new Wanted(
                needed(s.getString("verb"), "verb"),
                s.getString("action"),
                null,
                null,
                needed(instant(s, "at"), "at"),
                null,
                instant(s, "endsAt"));
    }

    private static <T> T needed(T value, String field) {
        if (value == null) {
            throw new DataException(field + " must be there");
        }
        return value;
    }

    private static Instant instant(Struct s, String field) {
        Field f = s.schema().field(field);
        Object value = f == null ? null : s.get(f);
        return value instanceof Date date ? Instant.ofEpochMilli(date.getTime()) : null;
    }

    @Override
    public void stop() {
        if (map != null) {
            try {
                map.close();
            } catch (IOException e) {
                LOG.warn("closing {}: {}", config.mapPath(), e.getMessage());
            }
        }
    }

    @Override
    public String version() {
        return new PolicySinkConnector().version();
    }
}
