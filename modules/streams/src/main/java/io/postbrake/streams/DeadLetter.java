package io.postbrake.streams;

import io.postbrake.wire.Bounds;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.slf4j.Logger;

/**
 * A record that was put aside, and why. What is written of it is never larger than a broker takes: one that was as large as
 * that already is cut, and a header says how long it was. Headers that say why have Kafka Streams' own names.
 *
 * @param topic where it was read; null for none, such as the passing of time
 * @param partition -1 when unknown
 * @param offset -1 when unknown
 * @param timestamp in milliseconds since 1970; before that counts as 1970
 * @param key as read; null when it had none
 * @param value as read; null when it had none, or its bytes were given back already
 */
record DeadLetter(
        String topic,
        int partition,
        long offset,
        long timestamp,
        Headers headers,
        byte[] key,
        byte[] value,
        Throwable why) {

    /** How many bytes the value had before it was cut. */
    static final String WHOLE_LENGTH = "postbrake.value.length";

    private static final int MOST_HEADERS = 8 << 10;
    private static final int LONGEST_REASON = 1_000;
    private static final int LONGEST_TRACE = 8_000;

    static DeadLetter of(ConsumerRecord<byte[], byte[]> record, Throwable why) {
        return new DeadLetter(
                record.topic(),
                record.partition(),
                record.offset(),
                record.timestamp(),
                record.headers(),
                record.key(),
                record.value(),
                why);
    }

    static DeadLetter of(ErrorHandlerContext context, Throwable why) {
        return new DeadLetter(
                context.topic(),
                context.partition(),
                context.offset(),
                context.timestamp(),
                context.headers(),
                context.sourceRawKey(),
                context.sourceRawValue(),
                why);
    }

    void tell(Logger log, String what) {
        log.warn(
                "A record {} and was put aside: topic {}, partition {}, offset {}, key {}: {}",
                what,
                topic,
                partition,
                offset,
                key == null ? "none" : plain(new String(cut(key, 200), StandardCharsets.UTF_8)),
                plain(reason()));
    }

    ProducerRecord<byte[], byte[]> to(String deadLetterTopic) {
        return new ProducerRecord<>(
                deadLetterTopic,
                null,
                Math.max(0, timestamp),
                cut(key, Bounds.LONGEST_KEY),
                cut(value, Bounds.LONGEST_VALUE),
                allHeaders());
    }

    private Headers allHeaders() {
        var all = new RecordHeaders();
        int bytes = 0;
        for (Header header : headers == null ? new RecordHeaders() : headers) {
            bytes += header.key().length() * 3 + (header.value() == null ? 0 : header.value().length);
            if (bytes <= MOST_HEADERS) {
                all.add(header);
            }
        }
        add(all, "__streams.errors.exception", why.getClass().getName());
        add(all, "__streams.errors.message", reason());
        add(all, "__streams.errors.stacktrace", trace());
        add(all, "__streams.errors.topic", topic);
        add(all, "__streams.errors.partition", String.valueOf(partition));
        add(all, "__streams.errors.offset", String.valueOf(offset));
        if (value != null && value.length > Bounds.LONGEST_VALUE) {
            add(all, WHOLE_LENGTH, String.valueOf(value.length));
        }
        return all;
    }

    /** What is wrong, and what is behind it: the first message alone often says only where. */
    private String reason() {
        var reason = new StringBuilder(String.valueOf(why.getMessage()));
        Throwable cause = why.getCause();
        for (int i = 0; cause != null && i < 3; i++, cause = cause.getCause()) {
            reason.append(": ").append(cause.getMessage());
        }
        return reason.substring(0, Math.min(reason.length(), LONGEST_REASON));
    }

    private String trace() {
        var trace = new StringWriter();
        why.printStackTrace(new PrintWriter(trace));
        return trace.getBuffer().substring(0, Math.min(trace.getBuffer().length(), LONGEST_TRACE));
    }

    private static void add(Headers headers, String name, String valueOrNull) {
        headers.add(name, valueOrNull == null ? null : valueOrNull.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] cut(byte[] bytesOrNull, int most) {
        return bytesOrNull == null || bytesOrNull.length <= most ? bytesOrNull : Arrays.copyOf(bytesOrNull, most);
    }

    /** Without what would change a log or a terminal. */
    static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
