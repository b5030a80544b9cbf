package io.postbrake.wire;

import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/**
 * A struct that has the record it stands for, so that our converter need not make a record of it again. Whoever else looks inside,
 * as a transformation does, finds what any struct has; it is filled then. One thing is different: an ordinary struct that is
 * compared with this one, and not the other way round, sees its values only once it is filled.
 */
final class RecordStruct extends Struct {

    private SpecificRecord recordOrNull;
    private Struct values;

    /** Of a record that nobody changes any more. */
    RecordStruct(SpecificRecord record, Schema schema) {
        super(schema);
        this.recordOrNull = record;
    }

    /** The record; null when the struct was changed meanwhile. */
    SpecificRecord recordOrNull() {
        return recordOrNull;
    }

    private Struct values() {
        if (values == null) {
            values = ConnectRecords.toStruct(recordOrNull);
        }
        return values;
    }

    @Override
    public Struct put(String field, Object value) {
        values().put(field, value);
        recordOrNull = null;
        return this;
    }

    @Override
    public Struct put(Field field, Object value) {
        values().put(field, value);
        recordOrNull = null;
        return this;
    }

    @Override
    public Object get(String field) {
        return values().get(field);
    }

    @Override
    public Object get(Field field) {
        return values().get(field);
    }

    @Override
    public Object getWithoutDefault(String field) {
        return values().getWithoutDefault(field);
    }

    @Override
    public Byte getInt8(String field) {
        return values().getInt8(field);
    }

    @Override
    public Short getInt16(String field) {
        return values().getInt16(field);
    }

    @Override
    public Integer getInt32(String field) {
        return values().getInt32(field);
    }

    @Override
    public Long getInt64(String field) {
        return values().getInt64(field);
    }

    @Override
    public Float getFloat32(String field) {
        return values().getFloat32(field);
    }

    @Override
    public Double getFloat64(String field) {
        return values().getFloat64(field);
    }

    @Override
    public Boolean getBoolean(String field) {
        return values().getBoolean(field);
    }

    @Override
    public String getString(String field) {
        return values().getString(field);
    }

    @Override
    public byte[] getBytes(String field) {
        return values().getBytes(field);
    }

    @Override
    public <T> List<T> getArray(String field) {
        return values().getArray(field);
    }

    @Override
    public <K, V> Map<K, V> getMap(String field) {
        return values().getMap(field);
    }

    @Override
    public Struct getStruct(String field) {
        return values().getStruct(field);
    }

    @Override
    public void validate() {
        values().validate();
    }

    @Override
    public boolean equals(Object other) {
        return values().equals(other instanceof RecordStruct struct ? struct.values() : other);
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return values().toString();
    }
}
