package io.postbrake.streams;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.postbrake.alert.Alert;
import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.state.SubjectState;
import io.postbrake.subject.BlockAction;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.kafka.streams.processor.TaskId;

/**
 * The numbers of what goes through the topology. Tags are bounded and never hold a user, an address or a domain. Counters
 * count what was processed: after an aborted transaction the same input counts again.
 */
public final class DetectorMeters {

    private static final Set<String> KINDS = Set.of(
            "connect",
            "disconnect",
            "client",
            "auth_failed",
            "auth_unanswered",
            "auth_unavailable",
            "auth_aborted",
            "login",
            "login_failed",
            "login_reason",
            "message_id",
            "queued",
            "delivery",
            "removed",
            "expired",
            "rejected",
            "held",
            "milter_reject",
            "postscreen",
            "tls",
            "lost_connection",
            "pickup",
            "bounce",
            "header_check",
            "not_postfix",
            "unparsed");
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30)
    };
    private final MeterRegistry registry;
    private final OpenIncidentIndex cases = new OpenIncidentIndex();
    private final Map<TaskId, Brake> brakes = new ConcurrentHashMap<>();
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();
    private final Counter repeated;
    private final Counter clamped;
    private final Counter ignored;
    private final Counter forgotten;
    private final Timer judged;
    private final Timer decidedSinceRead;
    private final Timer decidedSinceWritten;
    private final Timer refused;
    private final Timer blockedInMap;
    private final Timer blockedInRefusal;

    public DetectorMeters(MeterRegistry registry) {
        this.registry = registry;
        repeated = counter("postbrake.events.repeated", "Events dropped because their position was seen before");
        clamped = counter("postbrake.events.clamped", "Events whose stamp was ahead of the reading and was set back");
        ignored = counter(
                "postbrake.accepted.under.block",
                "Messages of a blocked account that a host accepted after it had said that it has the block");
        forgotten = counter(
                "postbrake.strangers.forgotten",
                "Logins and addresses with nothing but failed logins, forgotten because there were too many");
        judged =
                timer("postbrake.line.to.judgement", "From reading a line to its judgement, every line that is judged");
        decidedSinceRead = timer(
                "postbrake.line.to.decision",
                "From the deciding line to a block that begins or grows",
                "since",
                "read");
        decidedSinceWritten = timer(
                "postbrake.line.to.decision",
                "From the deciding line to a block that begins or grows",
                "since",
                "written");
        refused = timer(
                "postbrake.decision.to.refusal",
                "From a block to the first refusal that each host logs; the thief has to try for it");
        blockedInMap = timer(
                "postbrake.line.to.block",
                "From the deciding line to each host's map, and to the first refusal there, as hosts report",
                "until",
                "map");
        blockedInRefusal = timer(
                "postbrake.line.to.block",
                "From the deciding line to each host's map, and to the first refusal there, as hosts report",
                "until",
                "refusal");
        for (BlockAction action : BlockAction.values()) {
            if (action.decided()) {
                String word = action.word();
                gauge("postbrake.blocks.in.force", "Blocks in force", "action", word, () -> cases.blocks(word));
            }
        }
        for (String severity : Set.of("info", "warning", "critical")) {
            gauge("postbrake.incidents.open", "Open incidents", "severity", severity, () -> cases.incidents(severity));
        }
        for (String verb : Set.of("allow", "block")) {
            gauge("postbrake.overrides.in.force", "Operators' words in force", "verb", verb, () -> cases.words(verb));
        }
        for (String kind : Set.of("sasl_user", "client_ip")) {
            gauge(
                    "postbrake.brake.level",
                    "The brake on new blocks: 0 released, 1 they only hold, 2 they are only observed",
                    "kind",
                    kind,
                    () -> brakes.values().stream()
                            .mapToLong(brake -> brake.level(kind, Instant.now()))
                            .max()
                            .orElse(0));
            gauge(
                    "postbrake.brake.hosts",
                    "Mail hosts whose evidence alone causes less than that of several would",
                    "kind",
                    kind,
                    () -> brakes.values().stream()
                            .mapToLong(brake -> brake.hosts(kind, Instant.now()))
                            .max()
                            .orElse(0));
        }
        // What may never happen has to be seen not to happen.
        for (String cause : Set.of("time", "unblock", "allow")) {
            blockEnded(cause).increment(0);
        }
    }

    /** The brake as each task of this instance knows it. */
    Map<TaskId, Brake> brakes() {
        return brakes;
    }

    /** What is open now on this instance. */
    public OpenIncidentIndex cases() {
        return cases;
    }

    /** There was no room for what was known of a subject. */
    void forgotten() {
        forgotten.increment();
    }

    /** An event was read; {@code taken} is false when its position had been seen before. */
    void event(MailEvent e, boolean taken) {
        String kind = KINDS.contains(e.getKind()) ? e.getKind() : "other";
        counter("postbrake.events", "Events read", "kind", kind).increment();
        if (!taken) {
            repeated.increment();
        }
        if (e.getClamped()) {
            clamped.increment();
        }
    }

    void submission(Submission s) {
        counter("postbrake.submissions", "What accounts and clients did", "phase", s.getPhase())
                .increment();
    }

    /** What is compared with the outcome of an input; taken before it, as a state may change in place. */
    record Before(OpenIncidentIndex.Case open, Instant decidedAt, int confirmed) {

        static Before of(SubjectState state) {
            return state == null
                    ? new Before(null, null, 0)
                    : new Before(
                            OpenIncidentIndex.Case.of(state),
                            state.getBlock() == null ? null : state.getBlock().getDecidedAt(),
                            confirmedHosts(state));
        }

        String action() {
            return open == null ? null : open.action();
        }
    }

    /** An input was judged at {@code now}. */
    void judged(Before before, Input in, SubjectOutput out, Instant now) {
        for (Finding f : out.findings()) {
            counter("postbrake.findings", "Findings by detector", "detector", f.getDetector())
                    .increment();
        }
        for (Alert a : out.alerts()) {
            counter(
                            "postbrake.alerts",
                            "States of incidents as published",
                            "state",
                            a.getState(),
                            "severity",
                            a.getSeverity())
                    .increment();
        }
        if (in instanceof Input.Overridden word && word.override() != null) {
            counter("postbrake.overrides", "Operators' words", "verb", verb(word.override()))
                    .increment();
        }
        if (in instanceof Input.Forget) {
            counter("postbrake.overrides", "Operators' words", "verb", "forget").increment();
        }
        if (in instanceof Input.Activity activity) {
            judged.record(span(activity.submission().getReadAt(), now));
        }
        block(before, in, out, now);
    }

    /** The watch over hosts took a message for a proof that its host does not do as was decided. */
    void disobeyed() {
        ignored.increment();
    }

    /** A host reported a block: first that its map has it, later that it refused by it. */
    void reported(EnforcementReport report) {
        boolean fresh = report.getKind().equals("block")
                && !report.getRestored()
                && report.getEvidenceAt() != null
                && report.getLiftedAt() == null;
        if (fresh && report.getRefusedAt() != null) {
            blockedInRefusal.record(span(report.getEvidenceAt(), report.getRefusedAt()));
        } else if (fresh && report.getWrittenAt() != null) {
            blockedInMap.record(span(report.getEvidenceAt(), report.getWrittenAt()));
        }
    }

    private void block(Before before, Input in, SubjectOutput out, Instant now) {
        if (out.block() instanceof SubjectOutput.BlockChange.Put put) {
            String action = put.block().getAction();
            if (!action.equals(before.action())) {
                String change = before.action() == null ? "begun" : "grown";
                counter("postbrake.blocks", "Blocks that began or grew", "action", action, "change", change)
                        .increment();
                decided(in, now);
            }
        } else if (out.block() instanceof SubjectOutput.BlockChange.Lift) {
            blockEnded(in instanceof Input.Overridden word && word.override() != null ? verb(word.override()) : "time")
                    .increment();
        }
        if (out.state() != null && before.decidedAt() != null && in instanceof Input.Activity activity) {
            boolean first = confirmedHosts(out.state()) > before.confirmed();
            if (first) {
                refused.record(span(before.decidedAt(), activity.submission().getOccurredAt()));
            }
        }
    }

    private void decided(Input in, Instant now) {
        if (in instanceof Input.Activity activity) {
            decidedSinceRead.record(span(activity.submission().getReadAt(), now));
            decidedSinceWritten.record(span(activity.submission().getOccurredAt(), now));
        } else if (in instanceof Input.ForeignFinding opinion) {
            decidedSinceWritten.record(span(opinion.finding().getOccurredAt(), now));
        }
    }

    private static int confirmedHosts(SubjectState state) {
        return state.getIncident() == null
                ? 0
                : state.getIncident().getConfirmedHosts().size();
    }

    /** A block that an operator ended is the nearest that can be counted to a false alarm. */
    private Counter blockEnded(String cause) {
        return counter("postbrake.blocks.ended", "Blocks that ended, by themselves or by an operator", "cause", cause);
    }

    private static String verb(OperatorOverride word) {
        return Set.of("allow", "block", "unblock").contains(word.getVerb()) ? word.getVerb() : "other";
    }

    /** Clocks of two machines differ: less than nothing is nothing. */
    private static Duration span(Instant from, Instant to) {
        return to.isBefore(from) ? Duration.ZERO : Duration.between(from, to);
    }

    private Counter counter(String name, String description, String... tags) {
        return counters.computeIfAbsent(
                name + String.join(",", tags),
                key -> Counter.builder(name).description(description).tags(tags).register(registry));
    }

    private Timer timer(String name, String description, String... tags) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private void gauge(String name, String description, String tag, String value, Supplier<Number> number) {
        Gauge.builder(name, number).description(description).tag(tag, value).register(registry);
    }
}
