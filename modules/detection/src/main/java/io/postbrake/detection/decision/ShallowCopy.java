package io.postbrake.detection.decision;

import org.apache.avro.specific.SpecificRecordBase;

/**
 * Copies of records that share what is in their fields: enough where a field is set anew but nothing inside of one is changed.
 * A record's builder copies all that is below it, and asks the schema about each field.
 */
final class ShallowCopy {
    private ShallowCopy() {}

    /** Gives the new record {@code to} the fields of {@code from}. */
    static <T extends SpecificRecordBase> T copy(T from, T to) {
        int fields = from.getSchema().getFields().size();
        for (int field = 0; field < fields; field++) {
            to.put(field, from.get(field));
        }
        return to;
    }
}
