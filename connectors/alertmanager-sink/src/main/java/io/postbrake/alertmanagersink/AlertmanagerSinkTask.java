package io.postbrake.alertmanagersink;

import io.postbrake.compactedtopic.CatchUp;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the alerts topic from its beginning at every start and keeps receivers told; offsets follow what was told. */
public final class AlertmanagerSinkTask extends SinkTask {

    private static final Logger LOG = LoggerFactory.getLogger(AlertmanagerSinkTask.class);
    private static final long TICK_MS = 500;

    private final Past.Source source;
    private Board board;
    private ConsoleLinks links;
    private Deliveries deliveries;
    private CatchUp catchUp;
    private ExecutorService background;
    private volatile Past past;

    public AlertmanagerSinkTask() {
        this(Past::of);
    }

    /** As Connect makes it, but learning from {@code source} what was before. */
    AlertmanagerSinkTask(Past.Source source) {
        this.source = source;
    }

    @Override
    public void start(Map<String, String> settings) {
        var config = new AlertmanagerSinkConfig(settings);
        links = config.links();
        background = Executors.newSingleThreadExecutor(task -> {
            var thread = new Thread(task, "postbrake-alerts-background");
            thread.setDaemon(true);
            return thread;
        });
        catchUp = new CatchUp(
                partitions -> {
                    past = source.of(config, partitions);
                    return past.ends();
                },
                background);
        board = new Board(config.concern());
        deliveries = Deliveries.of(config, board, Clock.systemUTC());
        new SinkMetrics(context.pluginMetrics()).show(board, deliveries);
        context.timeout(TICK_MS);
    }

    @Override
    public void open(Collection<TopicPartition> partitions) {
        board.replay();
        context.offset(context.assignment().stream().collect(Collectors.toMap(tp -> tp, tp -> 0L)));
        catchUp.begin(context.assignment());
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        for (SinkRecord record : records) {
            try {
                take(record);
            } catch (DataException e) {
                report(record, e);
            }
            catchUp.reached(new TopicPartition(record.topic(), record.kafkaPartition()), record.kafkaOffset() + 1);
        }
        context.timeout(TICK_MS); // Connect forgets it at every poll.
        if (!board.isCaughtUp() && catchUp.done()) {
            board.caughtUp(past.told());
            LOG.info("{} open incidents", board.open());
            deliveries.wake();
        } else if (!records.isEmpty()) {
            deliveries.wake();
        }
        for (Board.Report bad = board.nextRefused(); bad != null; bad = board.nextRefused()) {
            report(
                    bad.record(),
                    new DataException("nobody takes incident " + bad.incident().id()));
        }
        if (board.progressed()) {
            // Soon, so that a crash makes nobody hear the same again.
            context.requestCommit();
        }
    }

    private void take(SinkRecord record) {
        Incident incident = SinkRecords.incident(record, links);
        if (incident == null) {
            board.forget(SinkRecords.key(record));
        } else {
            board.take(incident, record);
        }
    }

    /** Without a dead-letter topic the record stays where it is read from, at the position that is logged. */
    private void report(SinkRecord record, DataException e) {
        LOG.warn("{}-{}@{}: {}", record.topic(), record.kafkaPartition(), record.kafkaOffset(), e.getMessage());
        ErrantRecordReporter reporter = context.errantRecordReporter();
        if (reporter != null) {
            var unused = reporter.report(record, e);
        }
    }

    /** Nothing while the topic is read anew: what is committed says what was told. */
    @Override
    public Map<TopicPartition, OffsetAndMetadata> preCommit(Map<TopicPartition, OffsetAndMetadata> current) {
        Map<TopicPartition, OffsetAndMetadata> result = new HashMap<>();
        if (board.isCaughtUp()) {
            current.forEach((partition, read) -> {
                long told = past.told().getOrDefault(partition, 0L);
                long offset = Math.max(told, board.firstUntold(partition, read.offset()));
                result.put(partition, new OffsetAndMetadata(offset));
            });
        }
        return result;
    }

    @Override
    public void stop() {
        if (background != null) {
            background.shutdownNow();
        }
        if (deliveries != null) {
            deliveries.close();
        }
    }

    @Override
    public String version() {
        return new AlertmanagerSinkConnector().version();
    }
}
