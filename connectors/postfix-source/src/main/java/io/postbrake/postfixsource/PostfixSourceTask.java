package io.postbrake.postfixsource;

import io.postbrake.event.MailEvent;
import io.postbrake.wire.ConnectRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
    private static final int BATCH = 2000;

    private final List<LogShipper> shippers = new ArrayList<>();
    private PostfixSourceConfig config;
    private Schema schema;

    @Override
    public void start(Map<String, String> settings) {
        config = new PostfixSourceConfig(settings);
        schema = ConnectRecords.connectSchema(MailEvent.getClassSchema());
        try {
            Files.createDirectories(config.stateDir());
            for (Path log : config.logs()) {
                shippers.add(new LogShipper(log, config, InstantSource.system()));
            }
        } catch (IOException e) {
            throw new ConnectException("cannot use " + config.stateDir() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        List<SourceRecord> records = new ArrayList<>();
        try {
            for (LogShipper shipper : shippers) {
                for (LogShipper.Shipped shipped : shipper.poll(BATCH / shippers.size() + 1)) {
                    if (shipped.event() == null) {
                        shipper.unacknowledged().skipped(shipped.next());
                    } else {
                        SourceRecord record = record(shipped);
                        shipper.unacknowledged().sent(record.sourceOffset(), shipped.next());
                        records.add(record);
                    }
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot read a log, trying again: {}", e.getMessage());
        }
        if (records.isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(config.pollInterval().toMillis());
            return null;
        }
        return records;
    }

    private SourceRecord record(LogShipper.Shipped shipped) {
        Position next = shipped.next();
        return new SourceRecord(
                Map.of("source", next.sourceId()),
                Map.of("generation", next.generation(), "offset", next.offset()),
                config.getString(PostfixSourceConfig.TOPIC),
                null,
                Schema.STRING_SCHEMA,
                config.getString(PostfixSourceConfig.HOST_ID),
                schema,
                ConnectRecords.toStruct(shipped.event()),
                shipped.event().getReadAt().toEpochMilli());
    }

    /** The offset map of a record is its identity here: transformations keep it, whatever else they make anew. */
    @Override
    public void commitRecord(SourceRecord record, RecordMetadata metadata) {
        shippers.forEach(shipper -> shipper.unacknowledged().acknowledged(record.sourceOffset()));
    }

    @Override
    public void commit() {
        for (LogShipper shipper : shippers) {
            try {
                shipper.commit();
            } catch (IOException e) {
                LOG.warn("cannot write a checkpoint, trying again: {}", e.getMessage());
            }
        }
    }

    @Override
    public void stop() {
        commit();
        for (LogShipper shipper : shippers) {
            LOG.info("{} lines of other programs, {} not understood", shipper.foreign(), shipper.unparsed());
            try {
                shipper.close();
            } catch (IOException e) {
                LOG.warn("closing a log: {}", e.getMessage());
            }
        }
    }

    @Override
    public String version() {
        return new PostfixSourceConnector().version();
    }
}
