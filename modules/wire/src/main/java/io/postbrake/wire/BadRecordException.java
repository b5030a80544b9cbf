package io.postbrake.wire;

import org.apache.kafka.common.errors.SerializationException;

/** Bytes or a schema that can never be read, however long one waits. */
public final class BadRecordException extends SerializationException {
    private static final long serialVersionUID = 1L;

    public BadRecordException(String message) {
        super(message);
    }

    public BadRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
