package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.state.Watermark;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.WireSerde;
import java.time.Instant;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.Test;

class WrittenOnceTest {

    private final WireSerde<Watermark> serde = WireSerde.autoRegistering(new InMemorySchemaRegistry(), Watermark.class);
    private final Serializer<Watermark> writer = new WrittenOnce<>(serde).serializer();

    private static Watermark at(long position) {
        return Watermark.newBuilder()
                .setSourceId("mail.log")
                .setGeneration(0)
                .setPosition(position)
                .setSeenAt(Instant.EPOCH)
                .build();
    }

    @Test
    void writesTheSameRecordOnce() {
        // Given
        Watermark one = at(7);
        byte[] first = writer.serialize("by-subject", one);
        // When, Then
        assertThat(writer.serialize("by-subject", one)).isSameAs(first);
        assertThat(first).isEqualTo(serde.serializer().serialize("by-subject", one));
    }

    @Test
    void writesAnotherRecordAnew() {
        // Given
        writer.serialize("by-subject", at(7));
        // When
        byte[] other = writer.serialize("by-subject", at(8));
        // Then
        assertThat(new WrittenOnce<>(serde).deserializer().deserialize("by-subject", other))
                .isEqualTo(at(8));
    }

    @Test
    void writesForEachTopicWithItsOwnSchemaId() {
        // Given
        Watermark one = at(7);
        byte[] first = writer.serialize("by-subject", one);
        // When
        byte[] elsewhere = writer.serialize("elsewhere", one);
        // Then
        assertThat(elsewhere)
                .isEqualTo(serde.serializer().serialize("elsewhere", one))
                .isNotSameAs(first);
    }

    @Test
    void letsTombstonesPass() {
        assertThat(writer.serialize("by-subject", null)).isNull();
    }
}
