package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.event.MailEvent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireSerdeTest {
    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();

    @BeforeEach
    void registerTheCatalogue() {
        new SchemaAdmin(registry).register();
    }

    @Test
    void returnsWhatWasWritten() {
        // Given
        WireSerde<Alert> serde = WireSerde.of(registry, Alert.class);
        // When
        byte[] bytes = serde.serializer().serialize(Topics.ALERTS.name(), Records.alert());
        // Then
        assertThat(serde.deserializer().deserialize(Topics.ALERTS.name(), bytes))
                .isEqualTo(Records.alert());
        assertThat(Arrays.copyOf(bytes, 5))
                .containsExactly(0, 0, 0, 0, registry.idOf(Topics.ALERTS.subject(), Topics.ALERTS.schema()));
    }

    @Test
    void aRecordThatCannotBeWrittenLeavesNothingBeforeTheNext() {
        // Given
        WireSerde<Alert> serde = WireSerde.of(registry, Alert.class);
        byte[] good = serde.serializer().serialize(Topics.ALERTS.name(), Records.alert());
        Alert bad = Records.alert();
        bad.put("updatedAt", null); // Behind fields that are written before.
        // When
        assertThatThrownBy(() -> serde.serializer().serialize(Topics.ALERTS.name(), bad))
                .isInstanceOf(BadRecordException.class);
        // Then
        assertThat(serde.serializer().serialize(Topics.ALERTS.name(), Records.alert()))
                .isEqualTo(good);
    }

    @Test
    void letsTombstonesPass() {
        WireSerde<Block> serde = WireSerde.of(registry, Block.class);
        assertThat(serde.serializer().serialize(Topics.BLOCKS.name(), null)).isNull();
        assertThat(serde.deserializer().deserialize(Topics.BLOCKS.name(), null)).isNull();
    }

    @Test
    void readsWhatANewerVersionWrote() {
        // Given
        String subject = Topics.MAIL_EVENTS.subject();
        Schema newer = Evolution.withNestedRecord(Topics.MAIL_EVENTS.schema());
        int id = registry.register(subject, newer);
        GenericData.Record theirs = new GenericData.Record(newer);
        MailEvent ours = Records.event();
        GenericData.Record plain = (GenericData.Record)
                ConnectRecords.fromStruct(ConnectRecords.toStruct(ours), Topics.MAIL_EVENTS.schema());
        Topics.MAIL_EVENTS.schema().getFields().forEach(field -> theirs.put(field.name(), plain.get(field.pos())));
        // When
        byte[] bytes = WireFormat.encode(id, theirs, GenericData.get());
        // Then
        assertThat(WireSerde.of(registry, MailEvent.class).deserializer().deserialize("any", bytes))
                .isEqualTo(ours);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "00000001", // too short
                "0100000001", // wrong magic
                "007fffffff00", // unknown id
                "0000000001", // no record
                "00000000010aff", // text past the end
                "00ffffffff", // negative id
                "00000000018080808008", // a text of 1 GiB
                "0000000001ffffffffffffffffffff7f" // not a number
            })
    void callsBadBytesBad(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThatThrownBy(() ->
                        WireSerde.of(registry, MailEvent.class).deserializer().deserialize("any", bytes))
                .isInstanceOf(BadRecordException.class);
    }

    @Test
    void doesNotBelieveTheLengthOfAList() {
        // Given
        WireSerde<Alert> serde = WireSerde.of(registry, Alert.class);
        int id = registry.idOf(Topics.ALERTS.subject(), Topics.ALERTS.schema());
        Alert empty = Alert.newBuilder(Records.alert()).setDetectors(List.of()).build();
        byte[] good = serde.serializer().serialize(Topics.ALERTS.name(), empty);
        int score = 5 + indexOf(Arrays.copyOfRange(good, 5, good.length), "logged in from abroad") + 21;
        byte[] bad = Arrays.copyOf(good, score + 8 + 5);
        byte[] claim = HexFormat.of().parseHex("feffffff0f"); // 2^31 - 1 entries
        System.arraycopy(claim, 0, bad, score + 8, claim.length);
        // When, Then
        assertThat(WireFormat.idIn(bad)).isEqualTo(id);
        assertThatThrownBy(() -> serde.deserializer().deserialize("any", bad)).isInstanceOf(BadRecordException.class);
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    void refusesBytesAfterTheRecord() {
        // Given
        WireSerde<Block> serde = WireSerde.of(registry, Block.class);
        byte[] bytes = serde.serializer().serialize(Topics.BLOCKS.name(), Records.block());
        // When, Then
        assertThatThrownBy(() -> serde.deserializer().deserialize("any", Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(BadRecordException.class);
    }

    @Test
    void registersOnlyWhenToldTo() {
        // Given
        WireSerde<Block> strict = WireSerde.of(registry, Block.class);
        WireSerde<Block> own = WireSerde.autoRegistering(registry, Block.class);
        // When, Then
        assertThatThrownBy(() -> strict.serializer().serialize("app-store-changelog", Records.block()))
                .isInstanceOf(BadRecordException.class);
        assertThat(own.serializer().serialize("app-store-changelog", Records.block()))
                .isNotEmpty();
        assertThat(registry.subjects()).containsAll(List.of("app-store-changelog-value"));
    }

    @Test
    void registersTheSchemaAsItStandsInItsFile() {
        assertThat(Topics.all())
                .allSatisfy(topic -> assertThat(topic.schema().toString()).doesNotContain("avro.java.string"));
    }
}
