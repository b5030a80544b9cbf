package io.postbrake.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.wire.BadRecordException;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Deserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is on a topic, for people. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Show the newest records of a topic: key as text, value by its schema, times as text.")
final class TopicShowCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "TOPIC",
            completionCandidates = Names.class,
            description = "One of ${COMPLETION-CANDIDATES}.")
    private String topic;

    @Option(names = "--last", defaultValue = "10", description = "How many; default 10.")
    private int last;

    @Option(names = "--key", description = "Only records with this key.")
    private String key;

    @Option(names = "--json", description = "A JSON object a line, with fields that are null.")
    private boolean json;

    @Mixin
    private ClusterOptions cluster;

    @Spec
    private CommandSpec spec;

    /** Names of the topics that can be shown. */
    static final class Names implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return Stream.concat(Topics.all().stream().map(Topic::name), Stream.of(Topics.DEAD_LETTER))
                    .iterator();
        }
    }

    @Override
    public Integer call() throws Exception {
        if (last < 1) {
            throw new IllegalArgumentException("--last is " + last + ": give a number from 1 on");
        }
        Deserializer<? extends SpecificRecord> values = values();
        byte[] wanted = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
        PrintWriter out = spec.commandLine().getOut();
        List<ConsumerRecord<byte[], byte[]>> records = new TopicTail(cluster.kafka()).newest(topic, last, wanted);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (json) {
                out.println(new ObjectMapper().writeValueAsString(fields(record, values)));
            } else {
                print(out, record, values);
            }
        }
        out.flush();
        return 0;
    }

    /** Null for the topic of dead letters, whose values are anything. */
    private Deserializer<? extends SpecificRecord> values() throws IOException {
        if (topic.equals(Topics.DEAD_LETTER)) {
            return null;
        }
        Topic<?> known = Topics.all().stream()
                .filter(t -> t.name().equals(topic))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "TOPIC is '" + Text.plain(topic) + "': known are " + String.join(", ", new Names())));
        return WireSerde.of(cluster.registry(), known.type()).deserializer();
    }

    private void print(
            PrintWriter out, ConsumerRecord<byte[], byte[]> record, Deserializer<? extends SpecificRecord> values) {
        out.printf(
                "%s  partition %d offset %d%n%s%n",
                Instant.ofEpochMilli(record.timestamp()), record.partition(), record.offset(), Text.plain(key(record)));
        headers(record).forEach((name, value) -> out.println("  " + name + ": " + Text.plain(value)));
        Object value = value(record, values);
        if (value == null) {
            out.println("nothing: what stood under this key is withdrawn");
        } else if (value instanceof Map<?, ?> map) {
            Json.print(out, Json.withoutNulls(map));
        } else {
            out.println(Text.plain(value.toString()));
        }
        out.println();
    }

    private Map<String, Object> fields(
            ConsumerRecord<byte[], byte[]> record, Deserializer<? extends SpecificRecord> values) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("partition", record.partition());
        fields.put("offset", record.offset());
        fields.put("timestamp", Instant.ofEpochMilli(record.timestamp()).toString());
        fields.put("key", key(record));
        fields.put("headers", headers(record));
        fields.put("value", value(record, values));
        return fields;
    }

    private static String key(ConsumerRecord<byte[], byte[]> record) {
        return record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    }

    private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8));
        }
        return headers;
    }

    /** A record's fields, or, of what is none of ours, its bytes as text. */
    private Object value(ConsumerRecord<byte[], byte[]> record, Deserializer<? extends SpecificRecord> valuesOrNull) {
        if (record.value() == null) {
            return null;
        }
        try {
            return valuesOrNull == null
                    ? new String(record.value(), StandardCharsets.UTF_8)
                    : Json.of(valuesOrNull.deserialize(topic, record.value()));
        } catch (BadRecordException e) {
            return "cannot be read: " + e.getMessage();
        }
    }
}
