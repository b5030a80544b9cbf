package io.postbrake.streams;

import io.postbrake.alert.Alert;
import io.postbrake.detection.decision.SubjectOutput;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Keeps the last alert of incidents that ended, for whoever asks afterwards what happened: as long as the alerts topic keeps
 * it, and at most {@link #MOST} in a task, the newest.
 */
public final class EndedIncidents implements Processor<String, SubjectOutput, Void, Void> {

    /** Name of the store: alerts by subject and incident. */
    public static final String STORE = "ended-incidents";

    static final int MOST = 1_000;

    private BoundedStore<Alert> ended;

    /** What the keys of a subject's incidents begin with. */
    public static String keysOf(String subjectKey) {
        return subjectKey + '\0'; // Never part of a login or an address.
    }

    /** The subject of a key. */
    public static String subjectOf(String key) {
        return key.substring(0, key.lastIndexOf('\0'));
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        ReadableStore<Alert> store = ReadableStore.of(STORE, context);
        ended = new BoundedStore<>(
                store, "", MOST, alert -> alert.getUpdatedAt().toEpochMilli());
    }

    @Override
    public void process(Record<String, SubjectOutput> record) {
        for (Alert alert : record.value().alerts()) {
            if (alert.getState().equals("RESOLVED")) {
                String key = keysOf(record.key()) + alert.getIncidentId();
                ended.put(key, alert, alert.getUpdatedAt().toEpochMilli());
            }
        }
        record.value().forgotten().forEach(id -> ended.remove(keysOf(record.key()) + id));
    }
}
