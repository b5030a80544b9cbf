package io.postbrake.wire;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;

/** What later versions of a schema may look like. */
final class Evolution {
    private Evolution() {}

    /** A nullable nested record more: allowed. */
    static Schema withNestedRecord(Schema schema) {
        Schema nested = SchemaBuilder.record("Later")
                .namespace("io.postbrake.event")
                .fields()
                .requiredString("name")
                .endRecord();
        Schema union = Schema.createUnion(Schema.create(Schema.Type.NULL), nested);
        return with(schema, new Schema.Field("later", union, "Came later.", Schema.Field.NULL_DEFAULT_VALUE));
    }

    /** A field without a default more: earlier records cannot be read. */
    static Schema withRequiredField(Schema schema) {
        return with(schema, new Schema.Field("demanded", Schema.create(Schema.Type.STRING), "No default."));
    }

    /** Nullable fields of new kinds more: allowed. */
    static Schema withFields(Schema schema, Schema.Field... more) {
        return with(schema, more);
    }

    static Schema.Field number(String name) {
        return nullable(name, Schema.Type.LONG);
    }

    static Schema.Field text(String name) {
        return nullable(name, Schema.Type.STRING);
    }

    private static Schema.Field nullable(String name, Schema.Type type) {
        Schema union = Schema.createUnion(Schema.create(Schema.Type.NULL), Schema.create(type));
        return new Schema.Field(name, union, "Of a kind that came later.", Schema.Field.NULL_DEFAULT_VALUE);
    }

    /** The kind as a closed list: what a later kind would break. */
    static Schema withKindAsEnum(Schema schema, Schema kinds) {
        List<Schema.Field> fields = new ArrayList<>();
        schema.getFields()
                .forEach(field ->
                        fields.add(new Schema.Field(field, field.name().equals("kind") ? kinds : field.schema())));
        return Schema.createRecord(schema.getName(), schema.getDoc(), schema.getNamespace(), false, fields);
    }

    private static Schema with(Schema schema, Schema.Field... more) {
        List<Schema.Field> fields = new ArrayList<>();
        schema.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
        fields.addAll(List.of(more));
        return Schema.createRecord(schema.getName(), schema.getDoc(), schema.getNamespace(), false, fields);
    }
}
