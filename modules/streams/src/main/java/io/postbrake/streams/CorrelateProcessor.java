package io.postbrake.streams;

import io.postbrake.detection.correlation.Correlator;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.Watermark;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;

/** Gives the correlator its host's memory and forwards what it makes of each event. */
final class CorrelateProcessor implements FixedKeyProcessor<String, MailEvent, Submission> {

    static final String MESSAGES = "open-messages";
    static final String WATERMARKS = "source-watermarks";
    static final String COMMITS = "commits-of-correlate";
    /** Messages of all hosts of a task that are under way as objects, some 1 kB each. */
    private static final int MOST_LIVE = 2_000;

    private static final Duration EVICTION_INTERVAL = Duration.ofMinutes(10);

    private final Correlator correlator;
    private final DetectorMeters meters;
    private FixedKeyProcessorContext<String, Submission> context;
    private LiveStore<OpenMessage> messages;
    private LiveStore<Watermark> watermarks;

    CorrelateProcessor(Correlator correlator, DetectorMeters meters) {
        this.correlator = correlator;
        this.meters = meters;
    }

    @Override
    public void init(FixedKeyProcessorContext<String, Submission> context) {
        this.context = context;
        CommitHook commits = CommitHook.of(COMMITS, context);
        messages = new LiveStore<>(ReadableStore.of(MESSAGES, context), commits, MOST_LIVE, stored -> stored);
        watermarks = new LiveStore<>(ReadableStore.of(WATERMARKS, context), commits, MOST_LIVE, stored -> stored);
        context.schedule(EVICTION_INTERVAL, PunctuationType.WALL_CLOCK_TIME, this::evict);
    }

    @Override
    public void process(FixedKeyRecord<String, MailEvent> event) {
        var memory = new HostMemory(event.key(), messages, watermarks);
        boolean taken = correlator.accept(event.value(), memory, submission -> {
            where(submission);
            meters.submission(submission);
            context.forward(event.withValue(submission));
        });
        meters.event(event.value(), taken);
    }

    /** So that evidence can be looked up in the topic of events. */
    private void where(Submission submission) {
        context.recordMetadata().ifPresent(read -> {
            submission.setEventTopic(read.topic());
            submission.setEventPartition((long) read.partition());
            submission.setEventOffset(read.offset());
        });
    }

    private void evict(long now) {
        Instant time = Instant.ofEpochMilli(now);
        evict(messages, message -> correlator.dead(message, time));
        evict(watermarks, watermark -> correlator.dead(watermark, time));
    }

    private static <V> void evict(LiveStore<V> store, Predicate<V> dead) {
        List<String> keys = new ArrayList<>();
        store.each((key, value) -> {
            if (dead.test(value)) {
                keys.add(key);
            }
        });
        keys.forEach(store::delete);
    }
}
