package io.postbrake.policysink;

import io.postbrake.compactedtopic.TopicEnds;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** Runs a sink task as Connect does: assigns it both topics, polls, and keeps what it asked for. */
final class SinkDriver implements AutoCloseable {

    static final TopicPartition BLOCKS = new TopicPartition("abuse.blocks.v1", 0);
    static final TopicPartition WORDS = new TopicPartition("abuse.overrides.v1", 0);

    private static final Schema BLOCK = SchemaBuilder.struct()
            .field("action", Schema.STRING_SCHEMA)
            .field("text", Schema.OPTIONAL_STRING_SCHEMA)
            .field("reference", Schema.STRING_SCHEMA)
            .field("decidedAt", Timestamp.SCHEMA)
            .field("lastEvidenceAt", Timestamp.SCHEMA)
            .field("endsAt", Timestamp.SCHEMA)
            .field("onlyHost", Schema.OPTIONAL_STRING_SCHEMA)
            .field(
                    "homeNetworks",
                    SchemaBuilder.array(Schema.STRING_SCHEMA).optional().build())
            .build();
    private static final Schema WORD = SchemaBuilder.struct()
            .field("verb", Schema.STRING_SCHEMA)
            .field("action", Schema.OPTIONAL_STRING_SCHEMA)
            .field("at", Timestamp.SCHEMA)
            .field("endsAt", Timestamp.builder().optional().build())
            .build();

    /** Offsets that the task asked to be read from. */
    final Map<TopicPartition, Long> rewound = new HashMap<>();
    /** Records that it could not take. */
    final List<SinkRecord> reported = new ArrayList<>();

    private final Map<TopicPartition, Long> offsets = new HashMap<>();
    private final LateClock clock = new LateClock();
    private final PolicySinkTask task;

    SinkDriver(Path map, TopicEnds.Source ends) {
        this(map, ends, Map.of());
    }

    SinkDriver(Path map, TopicEnds.Source ends, Map<String, String> more) {
        task = new PolicySinkTask(ends, clock);
        task.initialize((SinkTaskContext) Proxy.newProxyInstance(
                SinkDriver.class.getClassLoader(), new Class<?>[] {SinkTaskContext.class}, (proxy, method, args) -> {
                    switch (method.getName()) {
                        case "assignment" -> {
                            return Set.of(BLOCKS, WORDS);
                        }
                        case "offset" ->
                            ((Map<?, ?>) args[0])
                                    .forEach((partition, at) -> rewound.put((TopicPartition) partition, (Long) at));
                        case "errantRecordReporter" -> {
                            return (ErrantRecordReporter) (record, error) -> {
                                reported.add(record);
                                return null;
                            };
                        }
                        default -> {}
                    }
                    return null;
                }));
        Map<String, String> settings = new HashMap<>(more);
        settings.put("policy.map.path", map.toString());
        settings.put("policy.bootstrap.servers", "127.0.0.1:1");
        settings.putIfAbsent("policy.postfix.config.directories", "");
        task.start(settings);
    }

    void assigned() {
        offsets.clear();
        task.open(Set.of(BLOCKS, WORDS));
    }

    /** It is so much later than it would be. */
    void later(Duration by) {
        clock.ahead = clock.ahead.plus(by);
    }

    /** One poll of Connect that found these records. */
    void polls(SinkRecord... records) {
        task.put(List.of(records));
    }

    SinkRecord block(String key, String action) {
        return block(key, action, (String) null);
    }

    SinkRecord block(String key, String action, String onlyHost) {
        Instant now = clock.instant();
        return record(
                BLOCKS,
                key,
                new Struct(BLOCK)
                        .put("action", action)
                        .put("reference", "k7f2")
                        .put("decidedAt", Date.from(now))
                        .put("lastEvidenceAt", Date.from(now))
                        .put("endsAt", Date.from(now.plusSeconds(600)))
                        .put("onlyHost", onlyHost));
    }

    /** A block of an account whose mailbox is read at home from these networks. */
    SinkRecord block(String key, String action, List<String> homes) {
        SinkRecord record = block(key, action);
        ((Struct) record.value()).put("homeNetworks", homes);
        return record;
    }

    SinkRecord word(String key, String verb) {
        return record(WORDS, key, new Struct(WORD).put("verb", verb).put("at", Date.from(clock.instant())));
    }

    SinkRecord record(TopicPartition where, Object key, Object value) {
        long offset = offsets.merge(where, 1L, Long::sum) - 1;
        return new SinkRecord(where.topic(), where.partition(), null, key, null, value, offset);
    }

    @Override
    public void close() {
        task.stop();
    }

    private static final class LateClock extends Clock {
        private volatile Duration ahead = Duration.ZERO;

        @Override
        public Instant instant() {
            return Instant.now().plus(ahead);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
