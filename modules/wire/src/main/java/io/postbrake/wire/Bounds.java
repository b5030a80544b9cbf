package io.postbrake.wire;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * How large a record of ours may be. Brokers and producers refuse one of more than a mebibyte, and a producer in a
 * transaction is of no use after that: the records before it would be read again, for ever. So nothing is handed to one that
 * it would refuse.
 */
public final class Bounds {
    /** Most bytes of a key. */
    public static final int LONGEST_KEY = 8 << 10;
    /** Most bytes of a value; what is left of a mebibyte is for the key, and for headers that say what was wrong. */
    public static final int LONGEST_VALUE = 960 << 10;

    private Bounds() {}

    /** Keys: strings, up to {@link #LONGEST_KEY}; longer ones are bad, read or written. */
    public static Serde<String> keys() {
        return new Keys();
    }

    static byte[] value(byte[] bytes) {
        if (bytes.length > LONGEST_VALUE) {
            throw new BadRecordException(
                    "a record of " + bytes.length + " bytes: at most " + LONGEST_VALUE + " can be written");
        }
        return bytes;
    }

    private static byte[] key(byte[] bytes) {
        if (bytes.length > LONGEST_KEY) {
            throw new BadRecordException("a key of " + bytes.length + " bytes: at most " + LONGEST_KEY + " are taken");
        }
        return bytes;
    }

    private static final class Keys implements Serde<String> {
        @Override
        public Serializer<String> serializer() {
            return (topic, key) -> key == null ? null : key(key.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public Deserializer<String> deserializer() {
            return (topic, bytes) -> bytes == null ? null : new String(key(bytes), StandardCharsets.UTF_8);
        }
    }
}
