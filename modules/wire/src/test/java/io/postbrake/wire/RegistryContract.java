package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** What Postbrake needs of a registry, whichever it is. */
abstract class RegistryContract {
    private final String subject = "contract-" + UUID.randomUUID() + "-value";
    private final Schema first = Topics.MAIL_EVENTS.schema();

    abstract SchemaRegistry registry();

    @Test
    void takesTheCatalogueAgainAndAgain() {
        // Given
        SchemaAdmin admin = new SchemaAdmin(registry());
        Map<String, Integer> ids = admin.register();
        // When
        Map<String, Integer> again = admin.register();
        // Then
        assertThat(again).isEqualTo(ids);
        assertThat(admin.check()).isEmpty();
        assertThat(registry().subjects()).containsAll(ids.keySet());
        assertThat(Topics.all()).allSatisfy(topic -> {
            assertThat(registry().idOf(topic.subject(), topic.schema())).isEqualTo(ids.get(topic.subject()));
            assertThat(registry().schemaById(ids.get(topic.subject()))).isEqualTo(topic.schema());
        });
    }

    @Test
    void evolvesUnderFullTransitive() {
        // Given
        registry().setCompatibility(subject, "FULL_TRANSITIVE");
        int id = registry().register(subject, first);
        Schema second = Evolution.withNestedRecord(first);
        // When
        boolean compatible = registry().isCompatible(subject, second);
        int next = registry().register(subject, second);
        // Then
        assertThat(compatible).isTrue();
        assertThat(next).isNotEqualTo(id);
        assertThat(registry().idOf(subject, first)).isEqualTo(id);
        assertThat(registry().schemaById(next)).isEqualTo(second);
    }

    @Test
    void refusesAnIncompatibleSchema() {
        // Given
        registry().setCompatibility(subject, "FULL_TRANSITIVE");
        registry().register(subject, first);
        Schema bad = Evolution.withRequiredField(first);
        // When, Then
        assertThat(registry().isCompatible(subject, bad)).isFalse();
        assertThatThrownBy(() -> registry().register(subject, bad)).isInstanceOf(BadRecordException.class);
    }

    @Test
    void checksOlderVersionsTooUnderATransitiveLevel() {
        // Given
        registry().register(subject, Evolution.withRequiredField(first));
        registry().setCompatibility(subject, "NONE");
        registry().register(subject, first);
        Schema next = Evolution.withNestedRecord(first);
        registry().setCompatibility(subject, "FULL_TRANSITIVE");
        // When
        boolean fitsAll = registry().isCompatible(subject, next);
        // Then
        assertThat(fitsAll).isFalse();
    }

    @Test
    void takesAnythingFirst() {
        assertThat(registry().isCompatible(subject, first)).isTrue();
    }

    @Test
    void callsTheUnknownBad() {
        assertThatThrownBy(() -> registry().idOf(subject, first)).isInstanceOf(BadRecordException.class);
        assertThatThrownBy(() -> registry().schemaById(2_000_000_000)).isInstanceOf(BadRecordException.class);
    }
}
