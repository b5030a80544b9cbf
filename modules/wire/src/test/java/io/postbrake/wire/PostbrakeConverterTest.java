package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.alert.Alert;
import io.postbrake.event.MailEvent;
import java.util.Date;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.junit.jupiter.api.Test;

class PostbrakeConverterTest {
    private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    private final PostbrakeConverter converter = new PostbrakeConverter(registry);

    @Test
    void writesTheSameBytesAsTheStreamsSerde() {
        // Given
        new SchemaAdmin(registry).register();
        Struct struct = ConnectRecords.toStruct(Records.event());
        // When
        byte[] bytes = converter.fromConnectData(Topics.MAIL_EVENTS.name(), struct.schema(), struct);
        // Then
        assertThat(bytes)
                .isEqualTo(WireSerde.of(registry, MailEvent.class)
                        .serializer()
                        .serialize(Topics.MAIL_EVENTS.name(), Records.event()));
        assertThat(WireFormat.idIn(bytes))
                .isEqualTo(registry.idOf(Topics.MAIL_EVENTS.subject(), Topics.MAIL_EVENTS.schema()));
    }

    @Test
    void aRecordThatIsHandedOverIsWrittenAsItsStructIs() {
        // Given
        new SchemaAdmin(registry).register();
        Struct plain = ConnectRecords.toStruct(Records.alert());
        Struct handedOver = ConnectRecords.handOver(Records.alert());
        // When
        byte[] bytes = converter.fromConnectData(Topics.ALERTS.name(), handedOver.schema(), handedOver);
        // Then
        assertThat(bytes).isEqualTo(converter.fromConnectData(Topics.ALERTS.name(), plain.schema(), plain));
    }

    @Test
    void transformationsSeeAndChangeARecordThatIsHandedOver() {
        // Given
        new SchemaAdmin(registry).register();
        Struct struct = ConnectRecords.handOver(Records.event());
        assertThat(struct)
                .isEqualTo(ConnectRecords.toStruct(Records.event()))
                .hasToString(ConnectRecords.toStruct(Records.event()).toString());
        assertThat(struct.getString("hostId")).isEqualTo("mx1");
        assertThat(struct.get("position")).isEqualTo(4711L);
        MailEvent changed = Records.event();
        changed.setQueueId("4Changed");
        // When
        struct.put("queueId", "4Changed");
        byte[] bytes = converter.fromConnectData(Topics.MAIL_EVENTS.name(), struct.schema(), struct);
        // Then
        assertThat(struct.getString("queueId")).isEqualTo("4Changed");
        assertThat(bytes)
                .isEqualTo(WireSerde.of(registry, MailEvent.class)
                        .serializer()
                        .serialize(Topics.MAIL_EVENTS.name(), changed));
    }

    @Test
    void aRecordThatIsHandedOverAndCannotBeWrittenIsRefused() {
        // Given
        new SchemaAdmin(registry).register();
        MailEvent event = Records.event();
        event.put("occurredAt", null);
        Struct struct = ConnectRecords.handOver(event);
        // When, then
        assertThatThrownBy(() -> converter.fromConnectData(Topics.MAIL_EVENTS.name(), struct.schema(), struct))
                .isInstanceOf(DataException.class)
                .rootCause()
                .isInstanceOf(NullPointerException.class);
    }

    @Test
    void readsWhatTheStreamsSerdeWrote() {
        // Given
        new SchemaAdmin(registry).register();
        byte[] bytes =
                WireSerde.of(registry, Alert.class).serializer().serialize(Topics.ALERTS.name(), Records.alert());
        // When
        SchemaAndValue read = converter.toConnectData(Topics.ALERTS.name(), bytes);
        // Then
        Struct struct = (Struct) read.value();
        assertThat(struct).isEqualTo(ConnectRecords.toStruct(Records.alert()));
        assertThat(struct.getString("incidentId"))
                .isEqualTo(Records.alert().getIncidentId().toString());
        assertThat(struct.get("startedAt")).isEqualTo(Date.from(Records.alert().getStartedAt()));
        assertThat(converter.fromConnectData(Topics.ALERTS.name(), read.schema(), struct))
                .isEqualTo(bytes);
    }

    @Test
    void neverRegisters() {
        Struct struct = ConnectRecords.toStruct(Records.event());
        assertThatThrownBy(() -> converter.fromConnectData(Topics.MAIL_EVENTS.name(), struct.schema(), struct))
                .isInstanceOf(DataException.class);
        assertThat(registry.subjects()).isEmpty();
    }

    @Test
    void letsTombstonesPass() {
        assertThat(converter.fromConnectData(Topics.BLOCKS.name(), null, null)).isNull();
        assertThat(converter.toConnectData(Topics.BLOCKS.name(), null)).isEqualTo(SchemaAndValue.NULL);
    }

    @Test
    void refusesWhatDoesNotBelongIntoTheTopic() {
        Struct struct = ConnectRecords.toStruct(Records.block());
        assertThatThrownBy(() -> converter.fromConnectData(Topics.ALERTS.name(), struct.schema(), struct))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("io.postbrake.alert.Alert");
        assertThatThrownBy(() -> converter.fromConnectData(Topics.ALERTS.name(), Schema.STRING_SCHEMA, "text"))
                .isInstanceOf(DataException.class);
        assertThatThrownBy(() -> converter.toConnectData(Topics.ALERTS.name(), new byte[] {1, 2, 3}))
                .isInstanceOf(DataException.class);
    }

    @Test
    void namesTheKeyOfABadSetting() {
        assertThatThrownBy(() ->
                        new PostbrakeConverter().configure(Map.of(PostbrakeConverter.URL, "localhost:8081"), false))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("schema.registry.url")
                .hasMessageContaining("localhost:8081")
                .hasMessageContaining("http://127.0.0.1:8081");
    }
}
