package io.postbrake.postfixsource;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One log on its way to events: tailer, parser, quarantine and checkpoint. Knows nothing of Connect. */
final class LogShipper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogShipper.class);

    /** An event and where the next line begins; the event is null for a line that makes none. */
    record Shipped(MailEvent event, Position next) {}

    private final String hostId;
    private final LogTailer tailer;
    private final PostfixLogParser parser;
    private final Quarantine quarantine;
    private final Checkpoint checkpoint;
    private final Unacknowledged unacknowledged = new Unacknowledged();
    private final InstantSource clock;
    private long foreign;
    private long unparsed;

    LogShipper(Path log, PostfixSourceConfig config, InstantSource clock) throws IOException {
        String name = HexFormat.of().formatHex(LogTailer.sha256(log.toString().getBytes(StandardCharsets.UTF_8)), 0, 6);
        hostId = config.getString(PostfixSourceConfig.HOST_ID);
        checkpoint = new Checkpoint(config.stateDir().resolve(name + ".checkpoint"));
        quarantine = new Quarantine(
                config.stateDir().resolve(name + ".quarantine"), config.getLong(PostfixSourceConfig.QUARANTINE_MAX));
        tailer = new LogTailer(log, config.getInt(PostfixSourceConfig.LINE_MAX), checkpoint.read());
        parser = new PostfixLogParser(config.zone(), null);
        this.clock = clock;
    }

    List<Shipped> poll(int most) throws IOException {
        List<Shipped> result = new ArrayList<>();
        for (LogLine line : tailer.poll(most)) {
            result.add(new Shipped(event(line), line.next()));
        }
        return result;
    }

    private MailEvent event(LogLine line) {
        Position at = line.at();
        var origin = new LineOrigin(hostId, at.sourceId(), at.generation(), at.offset(), clock.instant());
        MailEvent event = parser.parse(line.bytes(), 0, line.bytes().length, origin);
        boolean framed = event.getLoggedHost() != null;
        if (framed && !line.cut()) {
            if (event.getKind().equals("not_postfix")) {
                foreign++;
                return null;
            }
            return event;
        }
        if (line.bytes().length == 0) {
            foreign++;
            return null;
        }
        unparsed++;
        try {
            quarantine.keep(line);
        } catch (IOException e) {
            // Only the text is lost. Failing here would lose every event that was read with it.
            LOG.warn("cannot keep the text of a line that was not understood: {}", e.getMessage());
        }
        event.setRawLength(line.length());
        event.setRawHash(HexFormat.of().formatHex(LogTailer.sha256(line.bytes())));
        if (!framed || event.getKind().equals("not_postfix")) {
            event.setKind("unparsed");
            event.setReason(framed ? "line too long" : "no syslog frame");
        }
        return event;
    }

    Unacknowledged unacknowledged() {
        return unacknowledged;
    }

    /** Puts on record what the broker has acknowledged. */
    void commit() throws IOException {
        Position safe = unacknowledged.take();
        if (safe != null) {
            checkpoint.write(safe);
        }
    }

    /** Lines of other programs. */
    long foreign() {
        return foreign;
    }

    /** Lines that could not be understood, or were cut. */
    long unparsed() {
        return unparsed;
    }

    @Override
    public void close() throws IOException {
        tailer.close();
    }
}
