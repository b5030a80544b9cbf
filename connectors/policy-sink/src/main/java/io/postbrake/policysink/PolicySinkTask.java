package io.postbrake.policysink;

import io.postbrake.compactedtopic.CatchUp;
import io.postbrake.compactedtopic.TopicEnds;
import java.io.IOException;
import java.time.Clock;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads both topics from their beginning at every start and keeps the host's tables up to date. */
public final class PolicySinkTask extends SinkTask {

    private static final Logger LOG = LoggerFactory.getLogger(PolicySinkTask.class);
    private static final long TICK_MS = 1000;

    private final TopicEnds.Source ends;
    private final Clock clock;
    private PolicySinkConfig config;
    private String hostId;
    private HostPolicy policy;
    private HostDuties duties;
    private Upkeep upkeep;
    private CatchUp catchUp;
    private ExecutorService background;

    public PolicySinkTask() {
        this(TopicEnds::of, Clock.systemUTC());
    }

    /** As Connect makes it, but learning from {@code ends} where the topics end, and by another clock. */
    PolicySinkTask(TopicEnds.Source ends, Clock clock) {
        this.ends = ends;
        this.clock = clock;
    }

    @Override
    public void start(Map<String, String> settings) {
        config = new PolicySinkConfig(settings);
        hostId = config.host().hostId();
        background = Executors.newCachedThreadPool(task -> {
            var thread = new Thread(task, "postbrake-enforcer-background");
            thread.setDaemon(true);
            return thread;
        });
        catchUp = new CatchUp(partitions -> ends.of(config.client(), partitions), background);
        try {
            policy = HostPolicy.open(config, clock, background);
            duties = HostDuties.begin(config.host(), policy, clock);
        } catch (IOException e) {
            throw new ConnectException("cannot open " + config.mapPath() + ": " + e.getMessage(), e);
        }
        var metrics = new SinkMetrics(context.pluginMetrics(), clock);
        policy.show(metrics);
        metrics.reports(duties);
        upkeep = new Upkeep(policy, duties);
        context.timeout(TICK_MS);
    }

    @Override
    public void open(Collection<TopicPartition> partitions) {
        try {
            upkeep.with(policy::replay);
        } catch (IOException e) {
            throw new ConnectException("cannot read " + config.mapPath() + ": " + e.getMessage(), e);
        }
        // Without a replay from the beginning, a map that was lost would stay lost although offsets are committed.
        context.offset(context.assignment().stream().collect(Collectors.toMap(tp -> tp, tp -> 0L)));
        catchUp.begin(context.assignment());
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        context.timeout(TICK_MS); // Connect forgets it at every poll; ended blocks need it on idle topics.
        try {
            upkeep.with(() -> takeAll(records));
        } catch (IOException e) {
            throw new RetriableException("cannot write " + config.mapPath() + ": " + e.getMessage(), e);
        }
    }

    private void takeAll(Collection<SinkRecord> records) throws IOException {
        for (SinkRecord record : records) {
            try {
                take(record);
            } catch (DataException e) {
                report(record, e);
            }
            catchUp.reached(new TopicPartition(record.topic(), record.kafkaPartition()), record.kafkaOffset() + 1);
        }
        if (!policy.isCaughtUp() && catchUp.done()) {
            policy.caughtUp();
            duties.caughtUp();
            LOG.info("{} agrees with the topics", config.mapPath());
        }
    }

    private void take(SinkRecord record) throws IOException {
        String key = SinkRecords.key(record);
        if (record.topic().equals(config.getString(PolicySinkConfig.BLOCKS_TOPIC))) {
            policy.block(key, SinkRecords.block(record, hostId));
        } else if (HostDuties.concerns(key)) {
            duties.word(key, SinkRecords.word(record));
        } else {
            policy.word(key, SinkRecords.word(record));
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

    @Override
    public void stop() {
        if (upkeep != null) {
            upkeep.close();
        }
        if (background != null) {
            background.shutdownNow();
        }
        if (duties != null) {
            duties.close();
        }
        if (policy != null) {
            policy.close();
        }
    }

    @Override
    public String version() {
        return new PolicySinkConnector().version();
    }
}
