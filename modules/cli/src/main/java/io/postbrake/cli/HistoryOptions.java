package io.postbrake.cli;

import io.postbrake.replay.Replay;
import io.postbrake.replay.ReplaySummary;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** What is replayed: logs, or what the topic of events holds. */
final class HistoryOptions {

    @Mixin
    private LogOptions logs;

    @Mixin
    private FarOptions far;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            arity = "0..1",
            fallbackValue = "mail.events.v1",
            description = "Read what this topic holds instead of logs; ${FALLBACK-VALUE} without a name.")
    private String topic;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Leave out what happened before; ISO 8601, such as 2026-05-09T22:00:00Z.")
    private Instant from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Leave out what happened then or later.")
    private Instant to;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    LogOptions logs() {
        return logs;
    }

    /** The cluster that options name, or else the file of {@code --config}; this machine's without either. */
    ClusterOptions cluster() throws IOException {
        return far.cluster(logs.fileOfProcess());
    }

    /**
     * Refuses a call that does not say what to read, or says it twice.
     *
     * @throws IOException when a log cannot be read
     */
    void check() throws IOException {
        if (logs.isEmpty() == (topic == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "give --log HOST=FILE, again for each log, or --topic to read what was shipped");
        }
        if (from != null && to != null && !from.isBefore(to)) {
            throw new ParameterException(
                    spec.commandLine(), "--from is " + from + " and --to is " + to + ": nothing is between them");
        }
        logs.check();
    }

    /** The same, but whoever names nothing means what was shipped. */
    void checkOrTopic() throws IOException {
        if (logs.isEmpty() && topic == null) {
            topic = Topics.MAIL_EVENTS.name();
        }
        check();
    }

    /** Replays it, with a bar on {@code err} where that is a terminal. */
    ReplaySummary over(Replay.Builder replay, PrintWriter err) throws IOException {
        replay.between(from, to);
        try {
            if (topic == null) {
                try (Progress progress = Progress.start(logs.addTo(replay), err)) {
                    return replay.run();
                }
            }
            try (var events = new TopicEvents(cluster(), topic, from)) {
                ReplaySummary summary;
                try (Progress progress = Progress.start(events, err)) {
                    summary = replay.runEvents(events);
                }
                if (events.bad() > 0) {
                    err.println(events.bad() + " records could not be read and were left out");
                }
                return summary;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("Interrupted while the history was read", e));
        }
    }

    /** A time from its text. */
    static final class Time implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeParseException e) {
                throw new TypeConversionException(
                        "'" + Text.plain(text)
                                + "' is no time: give date, time and zone as in 2026-05-09T22:00:00Z or 2026-05-09T22:00:00+02:00");
            }
        }
    }
}
