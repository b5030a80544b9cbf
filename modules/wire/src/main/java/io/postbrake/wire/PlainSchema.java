package io.postbrake.wire;

import org.apache.avro.Schema;

/** Generated classes mark strings for Java; registries get the schema as it stands in the .avsc file. */
final class PlainSchema {
    // Quotes inside a doc are escaped in this text, so nothing but the property itself can match.
    private static final String JAVA_STRING = ",\"avro.java.string\":\"String\"";

    private PlainSchema() {}

    static Schema of(Schema schema) {
        return new Schema.Parser().parse(schema.toString().replace(JAVA_STRING, ""));
    }
}
