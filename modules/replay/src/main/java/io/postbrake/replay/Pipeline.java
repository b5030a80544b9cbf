package io.postbrake.replay;

import io.postbrake.alert.Alert;
import io.postbrake.detection.Brake;
import io.postbrake.detection.Correlator;
import io.postbrake.detection.DetectionConfig;
import io.postbrake.detection.Input;
import io.postbrake.detection.Outputs;
import io.postbrake.detection.SubjectEngine;
import io.postbrake.detection.SubjectKeys;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.geo.GeoLookup;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * What the live topology does with its stores and topics, done with maps and a queue: correlation by host, judgement by
 * subject, findings about others fed back. Time is the newest time of the events; see the topology's test of equality.
 */
final class Pipeline {
    /** As the live detector sweeps its store. */
    private static final long SWEEP_SECONDS = 600;

    private record Told(String subject, Input input) {}

    private final Correlator correlator;
    private final SubjectEngine engine;
    private final ReplayListener listener;
    private final Map<String, HostMemory> hosts = new HashMap<>();
    private final Map<String, Subject> subjects = new HashMap<>();
    private final Wakes wakes = new Wakes();
    private final Deque<Told> queue = new ArrayDeque<>();
    private Brake brake = Brake.RELEASED;
    private Instant first;
    private Instant now;
    private long nextSweep = Long.MIN_VALUE;
    private long submissions;
    private long findings;
    private long alerts;
    private long blocks;

    Pipeline(GeoLookup geo, DetectionConfig config, ReplayListener listener) {
        this.correlator = new Correlator(geo);
        this.engine = new SubjectEngine(config);
        this.listener = listener;
    }

    void accept(MailEvent e) {
        passTo(e.getOccurredAt());
        listener.event(e);
        HostMemory memory = hosts.computeIfAbsent(e.getHostId(), host -> new HostMemory());
        correlator.accept(e, memory, this::submit);
        drain();
    }

    private void submit(Submission s) {
        submissions++;
        listener.submission(s);
        for (String key : SubjectKeys.of(s)) {
            queue.add(new Told(key, new Input.Activity(s)));
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
        for (Told told = queue.poll(); told != null; told = queue.poll()) {
            tell(subject(told.subject()), told.input());
        }
    }

    private void passTo(Instant at) {
        if (now != null && !at.isAfter(now)) {
            return;
        }
        first = first == null ? at : first;
        long second = at.getEpochSecond();
        for (long due = wakes.nextSecond(); due <= second; due = wakes.nextSecond()) {
            now = Instant.ofEpochSecond(due);
            tell(wakes.take(), new Input.Tick(now));
            drain();
        }
        now = at;
        if (second >= nextSweep) {
            hosts.values().forEach(memory -> memory.forgetDead(correlator, at));
            nextSweep = second + SWEEP_SECONDS;
        }
    }

    private void tell(Subject subject, Input input) {
        Outputs out = engine.advance(subject.state, subject.key, input, brake);
        if (subject.key.equals(Brake.KEY)) {
            brake = Brake.of(out.state());
        }
        subject.state = out.state();
        wakes.plan(subject, out.deadline());
        for (Finding f : out.findings()) {
            findings++;
            listener.finding(now, f);
            if (f.getOriginSubject() != null) {
                queue.add(new Told(f.getSubjectType() + ":" + f.getSubject(), new Input.Opinion(f)));
            }
        }
        if (!out.alerts().isEmpty() || !(out.block() instanceof Outputs.BlockChange.None)) {
            decide(subject, out);
        }
        if (subject.state == null) {
            subjects.remove(subject.key);
        }
    }

    private void decide(Subject subject, Outputs out) {
        weigh(subject);
        String detector = subject.weightiest == null ? "operator" : subject.weightiest;
        for (Alert a : out.alerts()) {
            alerts++;
            listener.alert(now, a, detector);
        }
        if (out.block() instanceof Outputs.BlockChange.Put put) {
            blocks++;
            listener.block(now, put.block(), detector);
        } else if (out.block() instanceof Outputs.BlockChange.Lift) {
            listener.lift(now, subject.key);
        }
        if (subject.state == null || subject.state.getIncident() == null) {
            subject.weightiest = null;
        }
    }

    private static void weigh(Subject subject) {
        Finding most = null;
        for (Finding f : subject.state == null ? List.<Finding>of() : subject.state.getFindings()) {
            boolean own = subject.key.equals(f.getSubjectType() + ":" + f.getSubject());
            if (own && (most == null || f.getScore() > most.getScore())) {
                most = f;
            }
        }
        if (most != null) {
            subject.weightiest = most.getDetector();
        }
    }

    /** Calls with each subject that is remembered, in order of the keys. */
    void states(BiConsumer<String, SubjectState> to) {
        new TreeMap<>(subjects).forEach((key, subject) -> to.accept(key, subject.state));
    }

    /** Newest time so far; null before the first event. */
    Instant now() {
        return now;
    }

    ReplaySummary summary(LinesRead read, long clamped) {
        return new ReplaySummary(
                read.lines, read.unparsed, read.foreign, clamped, submissions, findings, alerts, blocks, first, now);
    }
}
