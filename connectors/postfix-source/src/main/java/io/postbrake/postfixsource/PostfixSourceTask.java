package io.postbrake.postfixsource;

import io.postbrake.block.EnforcementReport;
import io.postbrake.event.MailEvent;
import io.postbrake.logtail.DirectoryWatch;
import io.postbrake.logtail.InFlightOffsets;
import io.postbrake.logtail.JournalSelection;
import io.postbrake.logtail.SafePlace;
import io.postbrake.wire.ConnectRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands the events of all logs of a host to Connect and keeps the checkpoints behind the broker. */
public final class PostfixSourceTask extends SourceTask {

    private static final Logger LOG = LoggerFactory.getLogger(PostfixSourceTask.class);
    /** Acknowledgements come without a change of files: so often somebody looks whether there are any. */
    private static final Duration IDLE = Duration.ofMillis(500);

    private final InstantSource clock;
    private final Duration idle;
    private PostfixSourceConfig config;
    private String hostId;
    private PodRoster roster;
    private Schema schema;
    private LogSet logs;
    private DirectoryWatch changes;
    private SyslogSource syslog;
    private JournalShipper journal;
    private HealthBoard health;
    private Schema reportSchema;

    public PostfixSourceTask() {
        this(InstantSource.system(), IDLE);
    }

    /** As Connect makes it, but with another clock, and waiting up to {@code idle} for changes that it is told of. */
    PostfixSourceTask(InstantSource clock, Duration idle) {
        this.clock = clock;
        this.idle = idle;
    }

    @Override
    public void start(Map<String, String> settings) {
        config = new PostfixSourceConfig(settings);
        schema = ConnectRecords.connectSchema(MailEvent.getClassSchema());
        try {
            StateDir.create(config.stateDir());
            var unused = config.recipients(); // Makes its key now, and not when the first line comes.
            hostId = StateDir.hostId(config.stateDir(), config.getString(PostfixSourceConfig.HOST_ID));
            roster = config.pods() == null ? null : new PodRoster(config.stateDir());
        } catch (IOException e) {
            throw new ConnectException("cannot use state.dir " + config.stateDir() + ": " + e, e);
        }
        var metrics = new ShipperMetrics(context == null ? null : context.pluginMetrics());
        changes = new DirectoryWatch(config.millis(PostfixSourceConfig.POLL_INTERVAL), idle);
        var own = new LogHost(hostId, null);
        logs = new LogSet(config, own, roster, clock, this::readBefore, metrics::add, metrics::remove);
        logs.look();
        health = new HealthBoard(own, config.logs(), config.pods(), clock);
        metrics.show(health);
        reportSchema = ConnectRecords.connectSchema(EnforcementReport.getClassSchema());
        openJournal(metrics);
        if (new SyslogConfig(config).isOn()) {
            try {
                syslog = new SyslogSource(config, clock);
                syslog.show(metrics);
            } catch (IOException e) {
                stop();
                throw new ConnectException("cannot listen to syslog: " + e, e);
            }
        }
    }

    private void openJournal(ShipperMetrics metrics) {
        JournalSelection selected = config.journal();
        if (selected == null) {
            return;
        }
        try {
            journal = new JournalShipper(selected, config, hostId, config.fromEnd(), clock);
            metrics.add(journal);
        } catch (IOException e) {
            stop();
            throw new ConnectException("cannot read the journal: " + e, e);
        }
    }

    private boolean readBefore(Path log) {
        return context != null && context.offsetStorageReader().offset(Offsets.partition(log)) != null;
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        List<SourceRecord> records = read();
        if (records.isEmpty()) {
            awaits();
            records = read();
        }
        look(records);
        return records.isEmpty() ? null : records;
    }

    /** Says what is wrong with the logs, on its topic too where that is wanted. */
    private void look(List<SourceRecord> records) {
        List<HealthBoard.Judged> others = new ArrayList<>(syslog == null ? List.of() : syslog.health());
        if (journal != null) {
            others.add(journal.judged());
        }
        health.look(logs.logs(), others);
        String topic = config.getString(PostfixSourceConfig.REPORT_TOPIC);
        if (!topic.isEmpty()) {
            health.reports().forEach(report -> records.add(record(topic, report, Map.of())));
        }
        for (LogHost host : roster == null ? List.<LogHost>of() : roster.farewells()) {
            LOG.info("pod {} has ended, it was host {}", host.label(), host.id());
            if (topic.isEmpty()) {
                roster.farewellKept(host.id());
            } else {
                records.add(record(topic, health.farewell(host), Offsets.farewell(host.id())));
            }
        }
    }

    private SourceRecord record(String topic, EnforcementReport report, Map<String, ?> offset) {
        return new SourceRecord(
                Offsets.REPORTS,
                offset,
                topic,
                null,
                Schema.STRING_SCHEMA,
                report.getHostId() + "/shipper",
                reportSchema,
                ConnectRecords.handOver(report),
                report.getAt().toEpochMilli());
    }

    private void awaits() throws InterruptedException {
        if (syslog != null) {
            syslog.await(config.getLong(PostfixSourceConfig.POLL_INTERVAL));
            return;
        }
        if (journal != null) {
            journal.await(logs.logs().isEmpty() ? IDLE : config.millis(PostfixSourceConfig.POLL_INTERVAL));
            return;
        }
        List<Path> watched =
                new ArrayList<>(logs.logs().stream().map(LogShipper::log).toList());
        if (config.pods() != null) {
            watched.add(config.pods().directory().resolve("NAMESPACE_NAME_UID"));
        }
        boolean anew = changes.watch(watched);
        if (anew || changes.await() == DirectoryWatch.Change.MOVED) {
            logs.rescan();
        }
    }

    private List<SourceRecord> read() {
        checkpoint(false);
        List<SourceRecord> records = new ArrayList<>();
        logs.poll((log, shipped) -> {
            InFlightOffsets<SafePlace> inFlight = log.inFlight();
            var place = new SafePlace(shipped.next(), shipped.tail());
            if (shipped.event() == null) {
                inFlight.skipped(place);
                return;
            }
            SourceRecord record = record(Offsets.partition(log.log()), Offsets.offset(shipped.next()), shipped.event());
            inFlight.sent(record.sourceOffset(), place);
            records.add(record);
        });
        if (journal != null) {
            journal.poll(config.getInt(PostfixSourceConfig.BATCH_LINES)).forEach(shipped -> {
                String cursor = shipped.entry().cursor();
                if (shipped.event() == null) {
                    journal.inFlight().skipped(cursor);
                    return;
                }
                SourceRecord record = record(Offsets.journal(journal.name()), Offsets.cursor(cursor), shipped.event());
                journal.inFlight().sent(record.sourceOffset(), cursor);
                records.add(record);
            });
        }
        if (syslog != null) {
            syslog.poll(
                    config.getInt(PostfixSourceConfig.BATCH_LINES),
                    event -> records.add(record(Offsets.LISTENER, Offsets.offset(Offsets.of(event)), event)));
        }
        return records;
    }

    private SourceRecord record(Map<String, ?> partition, Map<String, ?> offset, MailEvent event) {
        return new SourceRecord(
                partition,
                offset,
                config.getString(PostfixSourceConfig.TOPIC),
                null,
                Schema.STRING_SCHEMA,
                event.getHostId(),
                schema,
                ConnectRecords.handOver(event),
                event.getReadAt().toEpochMilli());
    }

    /** The offset map of a record is its identity here: transformations keep it, whatever else they make anew. */
    @Override
    public void commitRecord(SourceRecord record, RecordMetadata metadata) {
        String farewell = Offsets.farewell(record.sourceOffset());
        if (farewell != null) {
            roster.farewellKept(farewell);
        } else if (Offsets.isJournal(record.sourcePartition())) {
            journal.inFlight().acknowledged(record.sourceOffset());
        } else {
            logs.acknowledged(record.sourcePartition(), record.sourceOffset());
        }
    }

    @Override
    public void commit() {
        checkpoint(true);
    }

    private void checkpoint(boolean now) {
        if (journal != null) {
            try {
                journal.checkpoint(now);
            } catch (IOException e) {
                LOG.warn("cannot write a checkpoint, trying again: {}", e.toString());
            }
        }
        for (LogShipper log : logs.logs()) {
            try {
                log.checkpoint(now);
            } catch (IOException e) {
                LOG.warn("cannot write a checkpoint, trying again: {}", e.toString());
            }
        }
    }

    @Override
    public void stop() {
        if (syslog != null) {
            syslog.close();
        }
        if (journal != null) {
            journal.close();
        }
        if (logs != null) {
            logs.close();
        }
        if (changes != null) {
            try {
                changes.close();
            } catch (IOException e) {
                LOG.warn("ending the watch: {}", e.getMessage());
            }
        }
    }

    @Override
    public String version() {
        return new PostfixSourceConnector().version();
    }
}
