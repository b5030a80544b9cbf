package io.postbrake.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** What a Kafka UI shows beside a field comes from here. */
class SchemaDocsTest {

    private final Set<String> seen = new HashSet<>();

    @Test
    void everyRecordAndEveryFieldSaysWhatItIsAndTimesAreLogicalTypes() {
        List<String> lacking = new ArrayList<>();
        CompatibilityTest.topics().forEach(schema -> look(schema, lacking));
        CompatibilityTest.state().forEach(schema -> look(schema, lacking));

        assertThat(lacking).isEmpty();
    }

    private void look(Schema schema, List<String> lacking) {
        switch (schema.getType()) {
            case RECORD -> {
                if (seen.add(schema.getFullName())) {
                    if (isBlank(schema.getDoc())) {
                        lacking.add(schema.getFullName() + " has no doc");
                    }
                    for (Schema.Field field : schema.getFields()) {
                        String name = schema.getFullName() + "." + field.name();
                        if (isBlank(field.doc())) {
                            lacking.add(name + " has no doc");
                        }
                        boolean time = field.name().endsWith("At") && !isTime(field.schema());
                        if (time) {
                            lacking.add(name + " is no timestamp-millis");
                        }
                        look(field.schema(), lacking);
                    }
                }
            }
            case ARRAY -> look(schema.getElementType(), lacking);
            case MAP -> look(schema.getValueType(), lacking);
            case UNION -> schema.getTypes().forEach(type -> look(type, lacking));
            default -> {
                // Plain types say all by themselves.
            }
        }
    }

    private static boolean isTime(Schema schema) {
        return schema.getType() == Schema.Type.UNION
                ? schema.getTypes().stream().anyMatch(SchemaDocsTest::isTime)
                : "timestamp-millis".equals(schema.getProp("logicalType"));
    }

    private static boolean isBlank(String text) {
        return text == null || text.isBlank();
    }
}
