package io.postbrake.streams;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.WireSerde;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** What an earlier build left behind on topics and in stores; see src/test/upgrade of modules/local. */
final class Earlier {

    /** When it ended. */
    static final Instant WHEN = Instant.parse(lines("when").get(0));

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final InMemorySchemaRegistry WRITTEN_BY = registry();

    private Earlier() {}

    /**
     * One record.
     *
     * @param value the bytes
     * @param read what the build that wrote it reads in them, as JSON
     */
    record Kept(String key, byte[] value, String read) {

        JsonNode json() throws IOException {
            return JSON.readTree(read);
        }

        <T extends SpecificRecord> T as(Class<T> type) {
            return WireSerde.of(WRITTEN_BY, type).deserializer().deserialize("any", value);
        }
    }

    /** The records of a topic, or of a store by its name. */
    static List<Kept> records(String name) {
        List<Kept> result = new ArrayList<>();
        for (String line : lines(name + ".tsv")) {
            String[] parts = line.split("\t", 3);
            result.add(new Kept(
                    new String(Base64.getDecoder().decode(parts[0]), StandardCharsets.UTF_8),
                    Base64.getDecoder().decode(parts[1]),
                    parts[2]));
        }
        return result;
    }

    /** The same by key. */
    static Map<String, Kept> byKey(String name) {
        Map<String, Kept> result = new LinkedHashMap<>();
        records(name).forEach(kept -> result.put(kept.key(), kept));
        return result;
    }

    /** A registry that has the earlier build's schemas under the ids that it wrote. */
    static InMemorySchemaRegistry registry() {
        var registry = new InMemorySchemaRegistry();
        try {
            JsonNode content = JSON.readTree(lines("registry.json").get(0));
            int id = 0;
            for (JsonNode text : content.get("schemas")) {
                id++;
                Schema schema = new Schema.Parser().parse(text.asText());
                for (var subject : content.get("versions").properties()) {
                    for (JsonNode version : subject.getValue()) {
                        if (version.asInt() == id && registry.register(subject.getKey(), schema) != id) {
                            throw new IllegalStateException("the ids of the schemas differ");
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return registry;
    }

    private static List<String> lines(String name) {
        try (var in = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Earlier.class.getResourceAsStream("/earlier/" + name + ".gz")),
                StandardCharsets.UTF_8))) {
            return in.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
