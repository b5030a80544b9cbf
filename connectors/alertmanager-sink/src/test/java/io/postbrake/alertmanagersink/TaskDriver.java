package io.postbrake.alertmanagersink;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** Runs the sink as Connect does: reads a topic from the beginning at every start, polls, commits. */
final class TaskDriver implements AutoCloseable {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    /** Records that nobody could take. */
    final List<SinkRecord> reported = new ArrayList<>();

    private final List<SinkRecord> topic = new ArrayList<>();
    private final Map<String, String> settings;
    private AlertmanagerSinkTask task;
    private long committed;
    private long read;

    TaskDriver(Map<String, String> settings) {
        this.settings = new HashMap<>(settings);
        this.settings.put("name", "alerts");
        this.settings.put("alerts.bootstrap.servers", "127.0.0.1:1");
        this.settings.putIfAbsent("http.backoff.max.ms", "300");
        this.settings.putIfAbsent("alertmanager.resend.ms", "400");
        this.settings.putIfAbsent("alertmanager.late.firing.ms", "60000");
    }

    /** A new process, which knows what is committed and nothing else. */
    void starts() {
        task = new AlertmanagerSinkTask((config, partitions) -> new Past(
                Map.of(Topic.PARTITION, (long) topic.size()),
                committed == 0 ? Map.of() : Map.of(Topic.PARTITION, committed)));
        task.initialize((SinkTaskContext) Proxy.newProxyInstance(
                TaskDriver.class.getClassLoader(), new Class<?>[] {SinkTaskContext.class}, (proxy, method, args) -> {
                    return switch (method.getName()) {
                        case "assignment" -> Set.of(Topic.PARTITION);
                        case "errantRecordReporter" ->
                            (ErrantRecordReporter) (record, error) -> {
                                reported.add(record);
                                return null;
                            };
                        default -> null;
                    };
                }));
        task.start(settings);
        task.open(Set.of(Topic.PARTITION));
        read = 0;
        polls(List.copyOf(topic));
    }

    void appended(SinkRecord... records) {
        topic.addAll(List.of(records));
        if (task != null) {
            polls(List.of(records));
        }
    }

    private void polls(Collection<SinkRecord> records) {
        read += records.size();
        task.put(records);
    }

    /** Polls on, without new records, until something holds. */
    void until(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain: " + what);
            }
            polls(List.of());
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Polls on for a while in which nothing should happen. */
    void goesOnFor(long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < end) {
            polls(List.of());
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    long commits() {
        OffsetAndMetadata offset = task.preCommit(Map.of(Topic.PARTITION, new OffsetAndMetadata(read)))
                .get(Topic.PARTITION);
        committed = offset == null ? committed : offset.offset();
        return committed;
    }

    void stops() {
        task.stop();
        task = null;
    }

    @Override
    public void close() {
        if (task != null) {
            task.stop();
        }
    }
}
