package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.wire.ConnectRecords;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.WireSerde;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After an upgrade the enforcer starts on the files of the one before it: no block is lifted meanwhile, none is forgotten. */
class EarlierFilesTest {

    private static final List<String> FILES = List.of(
            "blocks.lmdb",
            "blocks.lmdb.said",
            "blocks.lmdb.owner",
            "blocks-clients.lmdb",
            "blocks-clients.lmdb.said",
            "blocks-clients.lmdb.owner",
            "blocks-ranges.cidr",
            "blocks-ranges.cidr.said",
            "blocks-held.tsv");
    private static final InMemorySchemaRegistry WRITTEN_BY = registry();
    private static final String VICTIM = "victim@my-domain.net";

    @TempDir
    private Path dir;

    private Path map;
    private Clock clock;
    private HostPolicy policy;

    @BeforeEach
    void start() throws IOException {
        for (String file : FILES) {
            try (InputStream in = packed(file)) {
                Files.copy(in, dir.resolve(file));
            }
        }
        map = dir.resolve("blocks.lmdb");
        clock = Clock.fixed(Instant.parse(lines("when").get(0)).plusSeconds(5), ZoneOffset.UTC);
        var config = new PolicySinkConfig(Map.of(
                "policy.map.path", map.toString(),
                "policy.bootstrap.servers", "127.0.0.1:1",
                "policy.postfix.config.directories", ""));
        policy = HostPolicy.open(config, clock, Runnable::run);
        policy.replay();
    }

    @AfterEach
    void stop() {
        policy.close();
    }

    @Test
    void untilTheTopicsWereReadEveryEntryStays() throws IOException {
        policy.tick();

        assertThat(PolicyMap.read(map, VICTIM).orElseThrow()).startsWith("REJECT 5.7.1 ");
        assertThat(PolicyMap.read(map, "élodie@my-domain.net").orElseThrow()).startsWith("REJECT 5.7.1 ");
        assertThat(PolicyMap.read(map, "straße@my-domain.net")).isPresent();
        assertThat(PolicyMap.read(dir.resolve("blocks-clients.lmdb"), "192.0.2.9"))
                .isPresent();
    }

    @Test
    void theMapsAreGoneOnWithAndNotBuiltAnew() throws IOException {
        Object before = fileKey(map);

        topicsAreRead();

        assertThat(fileKey(map)).isEqualTo(before);
        assertThat(PolicyMap.read(map, VICTIM).orElseThrow()).startsWith("REJECT 5.7.1 ");
        assertThat(PolicyMap.read(map, "élodie@my-domain.net")).isPresent();
        assertThat(PolicyMap.read(map, "strasse@my-domain.net").orElseThrow()).startsWith("REJECT 5.7.1 ");
        assertThat(PolicyMap.read(map, "οδόσ@my-domain.net").orElseThrow()).startsWith("HOLD ");
        assertThat(PolicyMap.read(map, "fin@my-domain.net")).isPresent();
        // Nobody looks these up, and nobody would ever remove them.
        assertThat(PolicyMap.read(map, "straße@my-domain.net")).isEmpty();
        assertThat(PolicyMap.read(map, "οδός@my-domain.net")).isEmpty();
        assertThat(PolicyMap.read(map, "ﬁn@my-domain.net")).isEmpty();
        assertThat(PolicyMap.read(map, "carl@my-domain.net")).isEmpty();
        assertThat(PolicyMap.read(map, "erik@my-domain.net")).isEmpty();
        assertThat(PolicyMap.read(map, "boss@my-domain.net")).isEmpty();
        assertThat(PolicyMap.read(dir.resolve("blocks-clients.lmdb"), "192.0.2.9"))
                .isPresent();
        assertThat(Files.readString(dir.resolve("blocks-ranges.cidr"))).contains("192.0.2.128/26 REJECT");
    }

    @Test
    void whatWasSaidBeforeCanBeTakenBack() throws IOException {
        topicsAreRead();
        Instant now = clock.instant();

        policy.word(
                "sasl_user:" + VICTIM, new Wanted("unblock", null, null, null, now.plusMillis(1), null, null, null));
        policy.word("client_ip:192.0.2.9", null);
        policy.write();

        assertThat(PolicyMap.read(map, VICTIM)).isEmpty();
        assertThat(PolicyMap.read(dir.resolve("blocks-clients.lmdb"), "192.0.2.9"))
                .isEmpty();
    }

    @Test
    void mailThatIsHeldIsKnownAsOurs() throws IOException {
        var held = new HeldMail(dir.resolve("blocks-held.tsv"));

        List<HeldMail.Held> victims = held.of(VICTIM);

        assertThat(victims).hasSize(3).allSatisfy(mail -> {
            assertThat(held.isHeld(mail.id())).isTrue();
            assertThat(mail.at()).isBetween(clock.instant().minus(Duration.ofMinutes(10)), clock.instant());
        });
    }

    private void topicsAreRead() throws IOException {
        for (Kept kept : records("abuse.blocks.v1")) {
            policy.block(kept.key(), SinkRecords.block(kept.as(Block.class), "mx1"));
        }
        for (Kept kept : records("abuse.overrides.v1")) {
            policy.word(kept.key(), SinkRecords.word(kept.as(OperatorOverride.class)));
        }
        policy.caughtUp();
        policy.write();
    }

    private record Kept(String key, byte[] value) {

        /** As Connect hands it over. */
        <T extends SpecificRecord> SinkRecord as(Class<T> type) {
            T record = WireSerde.of(WRITTEN_BY, type).deserializer().deserialize("any", value);
            return new SinkRecord("any", 0, null, key, null, ConnectRecords.toStruct(record), 0);
        }
    }

    private static List<Kept> records(String topic) {
        return lines(topic + ".tsv").stream()
                .map(line -> line.split("\t"))
                .map(parts -> new Kept(
                        new String(Base64.getDecoder().decode(parts[0]), StandardCharsets.UTF_8),
                        Base64.getDecoder().decode(parts[1])))
                .toList();
    }

    private static InMemorySchemaRegistry registry() {
        var registry = new InMemorySchemaRegistry();
        int id = 1;
        try {
            for (JsonNode text :
                    new ObjectMapper().readTree(lines("registry.json").get(0)).get("schemas")) {
                int made = registry.register("any-" + id, new Schema.Parser().parse(text.asText()));
                assertThat(made).isEqualTo(id++);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return registry;
    }

    private static Object fileKey(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    private static InputStream packed(String name) throws IOException {
        return new GZIPInputStream(EarlierFilesTest.class.getResourceAsStream("/earlier/" + name + ".gz"));
    }

    private static List<String> lines(String name) {
        try (var in = new BufferedReader(new InputStreamReader(packed(name), StandardCharsets.UTF_8))) {
            return in.lines().collect(Collectors.toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
