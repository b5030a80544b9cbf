package io.postbrake.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.quota.QuotaCounts;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.Schema.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What keeps a topic's schema open to later versions in both directions. */
class Semantics03SchemasTest {

    /** What every event has, whatever its kind. */
    private static final Set<String> OF_EVERY_EVENT = Set.of(
            "kind", "hostId", "sourceId", "generation", "position", "occurredAt", "readAt", "clamped", "repeats");

    static Stream<Schema> topics() {
        return Stream.of(
                MailEvent.getClassSchema(),
                Submission.getClassSchema(),
                Finding.getClassSchema(),
                Alert.getClassSchema(),
                Block.getClassSchema(),
                OperatorOverride.getClassSchema(),
                QuotaCounts.getClassSchema());
    }

    @ParameterizedTest
    @MethodSource("topics")
    void noEnumNoChoiceOfRecordsAndNoNarrowNumber(Schema topic) {
        assertThat(all(topic)).allSatisfy(schema -> {
            assertThat(schema.getType()).isNotIn(Type.ENUM, Type.FIXED, Type.INT, Type.FLOAT);
            if (schema.isUnion()) {
                assertThat(schema.getTypes()).hasSize(2);
                assertThat(schema.getTypes().get(0).getType()).isEqualTo(Type.NULL);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("topics")
    void everyRecordAndFieldSaysWhatItIs(Schema topic) {
        assertThat(all(topic).filter(schema -> schema.getType() == Type.RECORD)).allSatisfy(record -> {
            assertThat(record.getDoc()).as(record.getFullName()).isNotBlank();
            assertThat(record.getFields())
                    .allSatisfy(
                            field -> assertThat(field.doc()).as(field.name()).isNotBlank());
        });
    }

    @Test
    void anEventIsFlatAndWhatAKindMayLackIsNullByDefault() {
        assertThat(MailEvent.getClassSchema().getFields()).allSatisfy(field -> {
            assertThat(all(field.schema()).map(Schema::getType)).doesNotContain(Type.RECORD, Type.ARRAY, Type.MAP);
            if (!OF_EVERY_EVENT.contains(field.name())) {
                assertThat(field.schema().isNullable()).as(field.name()).isTrue();
                assertThat(field.defaultVal()).as(field.name()).isEqualTo(JsonProperties.NULL_VALUE);
            }
        });
        assertThat(MailEvent.getClassSchema().getField("kind").schema().getType())
                .isEqualTo(Type.STRING);
    }

    private static Stream<Schema> all(Schema schema) {
        List<Schema> inside = switch (schema.getType()) {
            case RECORD -> schema.getFields().stream().map(Schema.Field::schema).toList();
            case UNION -> schema.getTypes();
            case ARRAY -> List.of(schema.getElementType());
            case MAP -> List.of(schema.getValueType());
            default -> List.of();
        };
        return Stream.concat(Stream.of(schema), inside.stream().flatMap(Semantics03SchemasTest::all));
    }
}
