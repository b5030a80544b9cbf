package io.postbrake.postfixsource;

import io.postbrake.event.MailEvent;
import io.postbrake.logtail.Position;
import io.postbrake.postfixlog.PostfixLogParser;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/** Events of received messages. They are numbered from the start of the listener on: its boot id and number name each. */
final class SyslogSource implements AutoCloseable {

    private final PostfixSourceConfig config;
    private final InstantSource clock;
    private final SyslogBuffer buffer;
    private final SyslogListener listener;
    private final LineCounters counters = new LineCounters();
    private final Quarantine quarantine;
    private final Map<String, LogHealth> health = new ConcurrentSkipListMap<>();
    private final SampleFile sample;
    private final String bootId = "syslog-" + UUID.randomUUID();
    private final Map<String, Events> byHost = new HashMap<>();
    private long next;

    SyslogSource(PostfixSourceConfig config, InstantSource clock) throws IOException {
        this.config = config;
        this.clock = clock;
        buffer = new SyslogBuffer(config.getLong(SyslogConfig.BUFFER));
        quarantine = new Quarantine(
                config.stateDir().resolve("syslog.quarantine"), config.getLong(PostfixSourceConfig.QUARANTINE_MAX));
        sample = new SampleFile(config.stateDir().resolve("syslog.sample"));
        listener = new SyslogListener(config, buffer);
    }

    SyslogListener listener() {
        return listener;
    }

    /** Hands over the events of up to so many messages. */
    void poll(int lines, Consumer<MailEvent> sink) {
        for (int i = 0; i < lines; i++) {
            SyslogBuffer.Received message = buffer.poll();
            if (message == null) {
                health.values().forEach(LogHealth::caughtUp);
                return;
            }
            Events events = byHost.computeIfAbsent(message.hostId(), this::events);
            MailEvent event = events.of(message.text(), new Position(bootId, 0, next++), message.length());
            if (event != null) {
                sink.accept(event);
            }
        }
    }

    private Events events(String hostId) {
        var zone = config.zones().others();
        var judged = new LogHealth("syslog of " + hostId, zone, clock.instant());
        health.put(hostId, judged);
        return new Events(
                hostId,
                new PostfixLogParser(zone, null, config.envelopes()),
                config.recipients(),
                quarantine,
                counters,
                judged,
                sample,
                clock);
    }

    /** Whether each host that sends says something of Postfix. */
    List<HealthBoard.Judged> health() {
        return health.values().stream()
                .map(one -> new HealthBoard.Judged(one, sample.path()))
                .toList();
    }

    void await(long millis) throws InterruptedException {
        buffer.await(millis);
    }

    void show(ShipperMetrics metrics) {
        String tag = "syslog";
        metrics.show("listener", tag, "postbrake.listener.messages", "Messages received", listener.received::get);
        metrics.show("listener", tag, "postbrake.listener.foreign.lines", "Of other programs", counters.foreign::get);
        metrics.show("listener", tag, "postbrake.listener.unparsed.lines", "Not understood", counters.unparsed::get);
        metrics.show("listener", tag, "postbrake.listener.cut.lines", "Longer than line.max.bytes", counters.cut::get);
        metrics.show("listener", tag, "postbrake.listener.dropped", "Datagrams without room", listener.dropped::get);
        metrics.show(
                "listener", tag, "postbrake.listener.kernel.drops", "Dropped by the kernel", listener::kernelDrops);
        metrics.show("listener", tag, "postbrake.listener.refused", "From peers not named", listener.refused::get);
        metrics.show("listener", tag, "postbrake.listener.surplus", "Connections beyond limits", listener.surplus::get);
        metrics.show("listener", tag, "postbrake.listener.broken", "Ended within a message", listener.broken::get);
        metrics.show("listener", tag, "postbrake.listener.connections", "Connections now", listener::connections);
        metrics.show("listener", tag, "postbrake.listener.buffered.bytes", "Received, not handed over", buffer::bytes);
    }

    @Override
    public void close() {
        listener.close();
    }
}
