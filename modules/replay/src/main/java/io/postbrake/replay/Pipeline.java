package io.postbrake.replay;

import io.postbrake.alert.Alert;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.detection.runtime.DetectionListener;
import io.postbrake.detection.runtime.InMemoryDetection;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.geo.GeoLookup;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Drives a detection in memory by the newest time of the events, counts what comes of it, and says which detector weighs most. */
final class Pipeline implements DetectionListener {
    private final InMemoryDetection detection;
    private final ReplayListener listener;
    /** Id of the detector that weighs most in each subject's open incident. */
    private final Map<String, String> weightiest = new HashMap<>();

    private Instant first;
    private long submissions;
    private long findings;
    private long alerts;
    private long blocks;

    Pipeline(GeoLookup geo, DetectionConfig config, ReplayListener listener) {
        this.detection = new InMemoryDetection(geo, config, this);
        this.listener = listener;
    }

    void accept(MailEvent e) {
        first = first == null ? e.getOccurredAt() : first;
        detection.passTo(e.getOccurredAt());
        detection.receive(e);
    }

    @Override
    public void received(MailEvent e) {
        listener.event(e);
    }

    @Override
    public void submission(Submission s) {
        submissions++;
        listener.submission(s);
    }

    @Override
    public void judged(Instant now, String subjectKey, Input input, SubjectOutput out) {
        findings += out.findings().size() + out.notices().size();
        listener.judged(now, out);
        if (!out.alerts().isEmpty() || !(out.block() instanceof SubjectOutput.BlockChange.None)) {
            decided(now, subjectKey, out);
        }
    }

    private void decided(Instant now, String subjectKey, SubjectOutput out) {
        weigh(subjectKey, out.state());
        String detector = weightiest.getOrDefault(subjectKey, SubjectKeys.ofHost(subjectKey) ? "logins" : "operator");
        for (Alert a : out.alerts()) {
            alerts++;
            listener.alert(now, a, detector);
        }
        if (out.block() instanceof SubjectOutput.BlockChange.Put put) {
            blocks++;
            listener.block(now, put.block(), detector);
        } else if (out.block() instanceof SubjectOutput.BlockChange.Lift) {
            listener.lift(now, subjectKey);
        }
        if (out.state() == null || out.state().getIncident() == null) {
            weightiest.remove(subjectKey);
        }
    }

    private void weigh(String subjectKey, SubjectState stateOrNull) {
        Finding most = null;
        for (Finding f : stateOrNull == null ? List.<Finding>of() : stateOrNull.getFindings()) {
            boolean own = subjectKey.equals(f.getSubjectType() + ":" + f.getSubject());
            if (own && (most == null || f.getScore() > most.getScore())) {
                most = f;
            }
        }
        if (most != null) {
            weightiest.put(subjectKey, most.getDetector());
        }
    }

    /** Calls with each subject that is remembered, in order of the keys. */
    void states(BiConsumer<String, SubjectState> to) {
        detection.states(to);
    }

    /** Newest time so far; null before the first event. */
    Instant now() {
        return detection.now();
    }

    ReplaySummary summary(LinesRead read, long clamped) {
        return new ReplaySummary(
                read.lines,
                read.unparsed,
                read.foreign,
                clamped,
                submissions,
                findings,
                alerts,
                blocks,
                first,
                detection.now());
    }
}
