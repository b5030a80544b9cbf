package io.postbrake.detection.runtime;

import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.correlation.Correlator;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectEngine;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.geo.GeoLookup;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the live topology does with its stores and topics, done with maps and a queue: correlation by host, judgement by
 * subject, findings about others fed back. The same events and times give the same findings, alerts and blocks as live; see
 * the topology's test of equality.
 *
 * <p>It has no clock: {@link #passTo} says how late it is, and wakes whoever is due at each whole second on the way, as the
 * live detector's clock does every second.
 */
public final class InMemoryDetection {
    /** As the live detector sweeps its stores of the correlation. */
    private static final long SWEEP_SECONDS = 600;

    private record Addressed(String subjectKey, Input input) {}

    private static final class Subject extends DeadlineQueue.Entry {
        private @Nullable SubjectState state;

        Subject(String key) {
            super(key);
        }
    }

    private final Correlator correlator;
    private final SubjectEngine engine;
    private final DetectionListener listener;
    final Map<String, InMemoryHost> hosts = new HashMap<>();
    private final Map<String, Subject> subjects = new HashMap<>();
    private final DeadlineQueue<Subject> deadlines = new DeadlineQueue<>();
    private final Deque<Addressed> inputs = new ArrayDeque<>();
    private Brake brake = Brake.RELEASED;
    private @Nullable Instant now;
    private long nextSweep = Long.MIN_VALUE;

    /** A detection that knows nothing yet. */
    public InMemoryDetection(GeoLookup geo, DetectionConfig config, DetectionListener listener) {
        this.correlator = new Correlator(geo);
        this.engine = new SubjectEngine(config);
        this.listener = listener;
    }

    /** Takes an event of a host, at the time as it is; one that was seen before leads to nothing. */
    public void receive(MailEvent event) {
        listener.received(event);
        InMemoryHost host = hosts.computeIfAbsent(event.getHostId(), id -> new InMemoryHost());
        correlator.accept(event, host, this::submit);
        drain();
    }

    private void submit(Submission submission) {
        listener.submission(submission);
        for (String key : SubjectKeys.of(submission)) {
            inputs.add(new Addressed(key, new Input.Activity(submission)));
        }
    }

    /** Gives a subject an input that no event makes, such as an operator's word. */
    public void give(String subjectKey, Input input) {
        judge(subject(subjectKey), input);
        drain();
    }

    /** Time goes on to {@code at}, unless it is that late already. */
    public void passTo(Instant at) {
        if (now != null && !at.isAfter(now)) {
            return;
        }
        long second = at.getEpochSecond();
        long end = second * 1000;
        for (long due = deadlines.next(); due <= end; due = deadlines.next()) {
            now = Instant.ofEpochMilli(due);
            judge(deadlines.take(), new Input.Tick(now));
            drain();
        }
        now = at;
        if (second >= nextSweep) {
            hosts.values().forEach(host -> host.forgetDead(correlator, at));
            nextSweep = second + SWEEP_SECONDS;
        }
    }

    /** Newest time so far; null before the first. */
    public @Nullable Instant now() {
        return now;
    }

    /** Calls with each subject that is remembered, in order of the keys. The states are the detection's own. */
    public void states(BiConsumer<String, SubjectState> to) {
        new TreeMap<>(subjects).forEach((key, subject) -> to.accept(key, subject.state));
    }

    /** Takes up a state that a store kept, as a detector does when it starts. */
    void restore(SubjectState kept) {
        Subject subject = subject(kept.getSubjectKey());
        subject.state = SubjectEngine.own(kept);
        plan(subject, engine.deadline(subject.state));
        if (subject.key().equals(Brake.KEY)) {
            brake = Brake.of(subject.state);
        }
    }

    private Subject subject(String key) {
        Subject known = subjects.get(key);
        if (known == null) {
            known = new Subject(key);
            subjects.put(key, known);
        }
        return known;
    }

    private void drain() {
        for (Addressed next = inputs.poll(); next != null; next = inputs.poll()) {
            judge(subject(next.subjectKey()), next.input());
        }
    }

    private void judge(Subject subject, Input input) {
        SubjectOutput out = engine.advance(subject.state, subject.key(), input, brake);
        subject.state = out.state();
        if (subject.key().equals(Brake.KEY)) {
            brake = Brake.of(out.state());
        }
        plan(subject, out.deadline());
        listener.judged(now, subject.key(), input, out);
        for (Finding finding : out.findings()) {
            if (finding.getOriginSubject() != null) {
                inputs.add(new Addressed(
                        finding.getSubjectType() + ":" + finding.getSubject(), new Input.ForeignFinding(finding)));
            }
        }
        for (Notice notice : out.notices()) {
            inputs.add(new Addressed(notice.to(), new Input.Notified(notice)));
        }
        if (subject.state == null) {
            subjects.remove(subject.key());
        }
    }

    /** Ticks come at whole seconds. */
    private void plan(Subject subject, @Nullable Instant deadlineOrNull) {
        deadlines.plan(
                subject,
                deadlineOrNull == null
                        ? DeadlineQueue.NEVER
                        : Math.floorDiv(deadlineOrNull.toEpochMilli() + 999, 1000) * 1000);
    }
}
