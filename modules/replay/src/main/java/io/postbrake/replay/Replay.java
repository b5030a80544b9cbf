package io.postbrake.replay;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.event.MailEvent;
import io.postbrake.geo.GeoLookup;
import io.postbrake.postfixlog.envelope.Envelopes;
import io.postbrake.state.SubjectState;
import java.io.IOException;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * Runs the detector over logs in event time, without a broker: the same lines and configuration give the same findings,
 * alerts and blocks as the live detector, in the same order each time. Memory does not grow with the logs.
 *
 * <pre>{@code
 * ReplaySummary summary = Replay.builder()
 *         .host("mx1", LogSource.file(file, zone, null))
 *         .geo(geo)
 *         .config(config)
 *         .listener(listener)
 *         .run();
 * }</pre>
 */
public final class Replay {

    private Replay() {}

    public static Builder builder() {
        return new Builder();
    }

    /** What is replayed, and how. */
    public static final class Builder {
        private final Map<String, List<LogSource>> hosts = new LinkedHashMap<>();
        private GeoLookup geo = GeoLookup.none();
        private DetectionConfig config = DetectionConfig.defaults();
        private ReplayListener listener = new ReplayListener() {};
        private BiConsumer<String, SubjectState> remembered;
        private Instant from = Instant.MIN;
        private Instant to = Instant.MAX;

        private Builder() {}

        /** Adds a log of a host; several of one host are its rotated files, in any order. */
        public Builder host(String hostId, LogSource source) {
            hosts.computeIfAbsent(Objects.requireNonNull(hostId), h -> new ArrayList<>())
                    .add(Objects.requireNonNull(source));
            return this;
        }

        /** Places and networks of addresses; none by default. */
        public Builder geo(GeoLookup geo) {
            this.geo = Objects.requireNonNull(geo);
            return this;
        }

        /** Limits of the detectors and decisions; the defaults without this. */
        public Builder config(DetectionConfig config) {
            this.config = Objects.requireNonNull(config);
            return this;
        }

        /** Who hears what comes of it. */
        public Builder listener(ReplayListener listener) {
            this.listener = Objects.requireNonNull(listener);
            return this;
        }

        /** Leaves out what happened before {@code from}, or at {@code to} or later; null for no limit. */
        public Builder between(Instant fromOrNull, Instant toOrNull) {
            this.from = fromOrNull == null ? Instant.MIN : fromOrNull;
            this.to = toOrNull == null ? Instant.MAX : toOrNull;
            return this;
        }

        /** Who gets what is remembered of each subject at the end, in order of the subjects' keys. */
        public Builder remembered(BiConsumer<String, SubjectState> remembered) {
            this.remembered = Objects.requireNonNull(remembered);
            return this;
        }

        /**
         * Replays the hosts' logs merged in order of time.
         *
         * @throws IOException when a log cannot be read
         */
        public ReplaySummary run() throws IOException {
            var pipeline = pipeline();
            var read = new LinesRead();
            try (var merged = new MergedLogs(hosts)) {
                for (MailEvent e = merged.next(); e != null; e = merged.next()) {
                    if (!asked(e)) {
                        continue;
                    }
                    read.add(e);
                    pipeline.accept(e);
                }
                return finished(pipeline, read, merged.clamped());
            }
        }

        /** Replays events that were read earlier, in order of their time, such as those of a topic. */
        public ReplaySummary runEvents(Iterator<MailEvent> inTimeOrder) {
            var pipeline = pipeline();
            var read = new LinesRead();
            while (inTimeOrder.hasNext()) {
                MailEvent e = inTimeOrder.next();
                if (asked(e)) {
                    read.add(e);
                    pipeline.accept(e);
                }
            }
            return finished(pipeline, read, 0);
        }

        private boolean asked(MailEvent e) {
            return !e.getOccurredAt().isBefore(from) && e.getOccurredAt().isBefore(to);
        }

        private ReplaySummary finished(Pipeline pipeline, LinesRead read, long clamped) {
            if (remembered != null) {
                pipeline.states(remembered);
            }
            return pipeline.summary(read, clamped);
        }

        /**
         * Replays lines that come from a program, already merged in order of time. Stamps that have no zone are read in
         * {@code zone}; those that have no year begin in {@code firstYear}.
         */
        public ReplaySummary run(Iterator<HostLine> inTimeOrder, ZoneId zone, Year firstYear) {
            var pipeline = pipeline();
            Map<String, Stamps> stamps = new HashMap<>();
            var read = new LinesRead();
            while (inTimeOrder.hasNext()) {
                HostLine line = inTimeOrder.next();
                Instant before = pipeline.now() == null ? Instant.EPOCH : pipeline.now();
                MailEvent e = stamps.computeIfAbsent(
                                line.hostId(), host -> new Stamps(zone, firstYear, Envelopes.auto()))
                        .read(line.bytes(), 0, line.bytes().length, line.hostId(), "replay-1", read.lines, before);
                read.add(e);
                pipeline.accept(e);
            }
            return finished(pipeline, read, 0);
        }

        private Pipeline pipeline() {
            return new Pipeline(new RememberedGeo(geo), config, listener);
        }
    }
}
