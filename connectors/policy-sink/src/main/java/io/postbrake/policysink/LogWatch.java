package io.postbrake.policysink;

import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the host's own logs in a thread of its own, with or without brokers, for what enforcement needs of them. */
final class LogWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogWatch.class);
    private static final long PAUSE_MS = 50;

    private final List<HostLog> logs = new ArrayList<>();
    private final Consumer<MailEvent> events;
    private final String hostId;
    private final Clock clock;
    private final Thread thread;
    private volatile boolean stopped;

    LogWatch(List<Path> paths, long history, String hostId, Clock clock, Consumer<MailEvent> events) {
        this.events = events;
        this.hostId = hostId;
        this.clock = clock;
        for (Path path : paths) {
            var parser = new PostfixLogParser(ZoneId.systemDefault(), null);
            logs.add(new HostLog(path, history, line -> take(parser, line)));
        }
        thread = new Thread(this::run, "postbrake-log-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!stopped) {
                boolean more = false;
                for (HostLog log : logs) {
                    more |= poll(log);
                }
                if (!more) {
                    TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The task stops.
        }
    }

    private static boolean poll(HostLog log) {
        try {
            return log.poll();
        } catch (IOException e) {
            LOG.warn("cannot read a log, trying again: {}", e.getMessage());
            return false;
        }
    }

    private void take(PostfixLogParser parser, String line) {
        boolean ofInterest = line.contains("sasl_username=")
                || line.contains("[pb:")
                || line.contains("(queue active)")
                || line.contains(": removed");
        if (ofInterest) {
            byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
            MailEvent event =
                    parser.parse(bytes, 0, bytes.length, new LineOrigin(hostId, "own-log", 0, 0, clock.instant()));
            try {
                events.accept(event);
            } catch (RuntimeException e) {
                LOG.error("a log line could not be used: {}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        stopped = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (HostLog log : logs) {
            try {
                log.close();
            } catch (IOException e) {
                LOG.warn("closing a log: {}", e.getMessage());
            }
        }
    }
}
