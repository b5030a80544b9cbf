package io.postbrake.postfixlog.envelope;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** The envelopes by their names in settings, in the order in which they are tried. */
enum Kind {
    DOCKER_JSON("docker-json", DockerEnvelope::new),
    JOURNAL_JSON("journal-json", () -> new JsonEnvelope(JsonShape.JOURNAL)),
    GELF("gelf", () -> new JsonEnvelope(JsonShape.GELF)),
    VECTOR_JSON("vector-json", () -> new JsonEnvelope(JsonShape.VECTOR)),
    SYSLOG_NG_JSON("syslog-ng-json", () -> new JsonEnvelope(JsonShape.SYSLOG_NG)),
    RSYSLOG_JSON("rsyslog-json", () -> new JsonEnvelope(JsonShape.RSYSLOG)),
    FLUENT_JSON("fluent-json", () -> new JsonEnvelope(JsonShape.FLUENT)),
    CRI("cri", CriEnvelope::new),
    TIMESTAMP("timestamp", StampEnvelope::new),
    TAI64N("tai64n", () -> new Tai64Envelope(10)),
    EPOCH("epoch", EpochEnvelope::new),
    COMPOSE("compose", ComposeEnvelope::new),
    KUBECTL_PREFIX("kubectl-prefix", KubectlEnvelope::new),
    SOCKLOG("socklog", SocklogEnvelope::new),
    JOURNAL_MONOTONIC("journal-monotonic", MonotonicEnvelope::new),
    JOURNAL_EXPORT("journal-export", JournalExportEnvelope::new),
    JOURNAL_PRETTY("journal-pretty", JournalPrettyEnvelope::new),
    JOURNAL_VERBOSE("journal-verbose", JournalVerboseEnvelope::new),
    S6_TAI64N("s6-tai64n", () -> new Tai64Envelope(37), false),
    JOURNAL_CAT("journal-cat", CatEnvelope::new, false),
    SYSLOG("syslog", () -> new SyslogEnvelope(null), false);

    private final String id;
    private final Supplier<Envelope> maker;
    private final boolean found;

    Kind(String id, Supplier<Envelope> maker) {
        this(id, maker, true);
    }

    Kind(String id, Supplier<Envelope> maker, boolean found) {
        this.id = id;
        this.maker = maker;
        this.found = found;
    }

    String id() {
        return id;
    }

    Envelope make() {
        return maker.get();
    }

    /** Whether a record takes several lines; such a record is not looked for within another wrapping. */
    boolean severalLines() {
        return this == JOURNAL_EXPORT || this == JOURNAL_PRETTY || this == JOURNAL_VERBOSE;
    }

    /** Those that a log's lines show without being told. */
    static List<Kind> found() {
        return Arrays.stream(values()).filter(k -> k.found).toList();
    }
}
