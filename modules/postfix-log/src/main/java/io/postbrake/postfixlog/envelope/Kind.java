package io.postbrake.postfixlog.envelope;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** The envelopes by their names in settings, in the order in which they are tried. */
enum Kind {
    DOCKER_JSON("docker-json", DockerEnvelope::new),
    JOURNAL_JSON("journal-json", rule -> new JsonEnvelope(JsonShape.JOURNAL, rule)),
    GELF("gelf", rule -> new JsonEnvelope(JsonShape.GELF, rule)),
    VECTOR_JSON("vector-json", rule -> new JsonEnvelope(JsonShape.VECTOR, rule)),
    SYSLOG_NG_JSON("syslog-ng-json", rule -> new JsonEnvelope(JsonShape.SYSLOG_NG, rule)),
    RSYSLOG_JSON("rsyslog-json", rule -> new JsonEnvelope(JsonShape.RSYSLOG, rule)),
    FLUENT_JSON("fluent-json", rule -> new JsonEnvelope(JsonShape.FLUENT, rule)),
    CRI("cri", CriEnvelope::new),
    TIMESTAMP("timestamp", StampEnvelope::new),
    TAI64N("tai64n", () -> new Tai64Envelope(10)),
    EPOCH("epoch", EpochEnvelope::new),
    COMPOSE("compose", ComposeEnvelope::new),
    KUBECTL_PREFIX("kubectl-prefix", KubectlEnvelope::new),
    PODMAN_NAMES("podman-names", NamesEnvelope::new),
    SOCKLOG("socklog", SocklogEnvelope::new),
    JOURNAL_MONOTONIC("journal-monotonic", MonotonicEnvelope::new),
    JOURNAL_EXPORT("journal-export", JournalExportEnvelope::new),
    JOURNAL_PRETTY("journal-pretty", JournalPrettyEnvelope::new),
    JOURNAL_VERBOSE("journal-verbose", JournalVerboseEnvelope::new),
    S6_TAI64N("s6-tai64n", () -> new Tai64Envelope(37), false),
    JOURNAL_CAT("journal-cat", CatEnvelope::new, false),
    SYSLOG("syslog", () -> new SyslogEnvelope(null), false);

    private final String id;
    private final Function<JournalRule, Envelope> maker;
    private final boolean found;

    Kind(String id, Supplier<Envelope> maker) {
        this(id, maker, true);
    }

    Kind(String id, Supplier<Envelope> maker, boolean found) {
        this(id, rule -> maker.get(), found);
    }

    Kind(String id, Function<JournalRule, Envelope> maker) {
        this(id, maker, true);
    }

    Kind(String id, Function<JournalRule, Envelope> maker, boolean found) {
        this.id = id;
        this.maker = maker;
        this.found = found;
    }

    String id() {
        return id;
    }

    /** A new one for one log; of a journal's records those count that the rule says. */
    Envelope make(JournalRule rule) {
        return maker.apply(rule);
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
