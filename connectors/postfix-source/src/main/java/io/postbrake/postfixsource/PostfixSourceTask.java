package io.postbrake.postfixsource;

import io.postbrake.event.MailEvent;
import io.postbrake.logtail.DirectoryWatch;
import io.postbrake.logtail.InFlightOffsets;
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

    private PostfixSourceConfig config;
    private String hostId;
    private Schema schema;
    private LogSet logs;
    private DirectoryWatch changes;
    private SyslogSource syslog;

    @Override
    public void start(Map<String, String> settings) {
        config = new PostfixSourceConfig(settings);
        schema = ConnectRecords.connectSchema(MailEvent.getClassSchema());
        try {
            StateDir.create(config.stateDir());
            hostId = StateDir.hostId(config.stateDir(), config.getString(PostfixSourceConfig.HOST_ID));
        } catch (IOException e) {
            throw new ConnectException("cannot use state.dir " + config.stateDir() + ": " + e, e);
        }
        var metrics = new ShipperMetrics(context == null ? null : context.pluginMetrics());
        changes = new DirectoryWatch(config.millis(PostfixSourceConfig.POLL_INTERVAL), IDLE);
        logs = new LogSet(config, hostId, InstantSource.system(), this::readBefore, metrics::add, metrics::remove);
        logs.look();
        if (new SyslogConfig(config).isOn()) {
            try {
                syslog = new SyslogSource(config, hostId, InstantSource.system());
                syslog.show(metrics);
            } catch (IOException e) {
                stop();
                throw new ConnectException("cannot listen to syslog: " + e, e);
            }
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
        return records.isEmpty() ? null : records;
    }

    private void awaits() throws InterruptedException {
        if (syslog != null) {
            syslog.await(config.getLong(PostfixSourceConfig.POLL_INTERVAL));
            return;
        }
        changes.watch(logs.logs().stream().map(LogShipper::log).toList());
        if (changes.await() == DirectoryWatch.Change.MOVED) {
            logs.rescan();
        }
    }

    private List<SourceRecord> read() {
        checkpoint(false);
        List<SourceRecord> records = new ArrayList<>();
        logs.poll((log, shipped) -> {
            InFlightOffsets inFlight = log.inFlight();
            if (shipped.event() == null) {
                inFlight.skipped(shipped.next(), shipped.tail());
                return;
            }
            SourceRecord record = record(Offsets.partition(log.log()), Offsets.offset(shipped.next()), shipped.event());
            inFlight.sent(record.sourceOffset(), shipped.next(), shipped.tail());
            records.add(record);
        });
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
                ConnectRecords.toStruct(event),
                event.getReadAt().toEpochMilli());
    }

    /** The offset map of a record is its identity here: transformations keep it, whatever else they make anew. */
    @Override
    public void commitRecord(SourceRecord record, RecordMetadata metadata) {
        logs.acknowledged(record.sourcePartition(), record.sourceOffset());
    }

    @Override
    public void commit() {
        checkpoint(true);
    }

    private void checkpoint(boolean now) {
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
