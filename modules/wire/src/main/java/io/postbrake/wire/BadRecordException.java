package io.postbrake.wire;

import org.apache.kafka.common.errors.SerializationException;

/** Bytes or a schema that can never be read, however long one waits. */
public final class BadRecordException extends SerializationException {
    private static final long serialVersionUID = 1L;

    private final transient byte[] record;

    public BadRecordException(String message) {
        this(message, (Throwable) null);
    }

    public BadRecordException(String message, Throwable cause) {
        super(message, cause);
        this.record = null;
    }

    private BadRecordException(BadRecordException about, byte[] record) {
        super(about.getMessage(), about.getCause());
        this.record = record;
    }

    /** The same about these bytes. */
    BadRecordException of(byte[] bytes) {
        return new BadRecordException(this, bytes);
    }

    /** The bytes that could not be read, so that whoever catches this can keep them; null when it is not about bytes. */
    public byte[] recordOrNull() {
        return record;
    }
}
