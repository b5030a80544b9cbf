package io.postbrake.detection.decision;

import io.postbrake.alert.Attack;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.detector.Family;
import io.postbrake.detection.detector.FindingSource;
import io.postbrake.detection.detector.Risk;
import io.postbrake.detection.detector.Technique;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The findings that count about one subject: the newest of each detector within the risk window, what they weigh together, and
 * what the weight asks for.
 */
final class EvidenceLedger {
    static final int MAX_EVIDENCE = 20;
    static final int MAX_FINDINGS = 20;
    /** How much heavier, in nats, a finding has to become to be published again. */
    private static final double RISEN = 0.5;

    private static final Duration REPEAT_AFTER = Duration.ofMinutes(10);

    private final DecisionContext context;
    private final SubjectState s;
    private final DetectionConfig config;
    private double observedRisk = Double.NaN;
    private double decidingRisk = Double.NaN;
    private boolean moreEvidence;

    EvidenceLedger(DecisionContext context) {
        this.context = context;
        this.s = context.state();
        this.config = context.config();
    }

    /** Remembers the newest finding of each detector; whether this one says something new. */
    boolean remember(Finding f) {
        weighAnew();
        Finding before = remembered(f);
        if (before != null
                && f.getOccurredAt().isBefore(before.getOccurredAt().plus(REPEAT_AFTER))
                && weight(f) < weight(before) + RISEN) {
            before.setScore(Math.max(before.getScore(), f.getScore()));
            return false;
        }
        if (before != null) {
            s.getFindings().remove(before);
        }
        double score = before == null ? f.getScore() : Math.max(before.getScore(), f.getScore());
        Finding own = ShallowCopy.copy(f, new Finding());
        own.setScore(score);
        s.getFindings().add(own);
        if (s.getFindings().size() > MAX_FINDINGS) {
            s.getFindings().remove(0);
        }
        return true;
    }

    @Nullable
    Finding remembered(Finding f) {
        for (Finding o : s.getFindings()) {
            boolean same = o.getDetector().equals(f.getDetector());
            if (same
                    && o.getSubject().equals(f.getSubject())
                    && o.getSubjectType().equals(f.getSubjectType())) {
                return o;
            }
        }
        return null;
    }

    double risk(boolean observed) {
        if (observed) {
            observedRisk = Double.isNaN(observedRisk) ? weighed(true) : observedRisk;
            return observedRisk;
        }
        decidingRisk = Double.isNaN(decidingRisk) ? weighed(false) : decidingRisk;
        return decidingRisk;
    }

    /** The findings changed: what they weigh is added up when it is asked for. */
    void weighAnew() {
        observedRisk = Double.NaN;
        decidingRisk = Double.NaN;
    }

    /** What is older than the risk window does not count any more. */
    void expire() {
        List<Finding> known = s.getFindings();
        if (!known.isEmpty()) {
            Instant old = context.now().minus(config.risk().window());
            for (int i = known.size() - 1; i >= 0; i--) {
                if (!known.get(i).getOccurredAt().isAfter(old)) {
                    known.remove(i);
                    weighAnew();
                }
            }
        }
    }

    /** Nothing that was found counts any more. */
    void clear() {
        s.getFindings().clear();
        weighAnew();
    }

    double weighed(boolean observed) {
        return weighed(f -> observed || !f.getObserveOnly());
    }

    double weighed(Predicate<Finding> counted) {
        Risk risk = new Risk(config.profile().prior());
        for (Finding f : s.getFindings()) {
            if (context.concernsThis(f) && counted.test(f)) {
                risk.add(family(f), f.getScore());
            }
        }
        return risk.probability();
    }

    /** What an earlier build's detector found is of no family but its own. */
    private Family family(Finding f) {
        return config.detectors().of(f).map(FindingSource::family).orElseGet(() -> new Family(f.getDetector()));
    }

    double weight(Finding f) {
        return Risk.weight(f.getScore(), config.profile().prior());
    }

    private boolean holdsAtMost(Finding f) {
        return config.detectors().of(f).filter(FindingSource::holdsAtMost).isPresent();
    }

    /** What the evidence asks for. Anybody can fail to log in, in any name: for that alone an account is held at most. */
    String grade() {
        String grade = grade(risk(false));
        if (Actions.rank(grade) <= Actions.rank(Actions.HOLD)
                || !context.profile().account()) {
            return grade;
        }
        if (batchAtHome()) {
            return Actions.HOLD;
        }
        String own = grade(weighed(f -> !f.getObserveOnly() && !family(f).equals(Family.GUESSED) && !holdsAtMost(f)));
        return Actions.rank(own) > Actions.rank(Actions.HOLD) ? own : Actions.HOLD;
    }

    /**
     * Whether all that counts says no more than that very much is sent, from the only place that an account with a history ever
     * used: one batch, such as a circular or a list's announcement. That it goes on under the hold is the same batch. A front end
     * that many use is no such place.
     */
    private boolean batchAtHome() {
        return context.profile().experienced()
                && s.getNetworks().size() == 1
                && !context.profile().frontEnds().any(context.now())
                && batchOnly();
    }

    /** Whether all that counts says no more than that very much is sent. */
    boolean batchOnly() {
        return s.getFindings().stream()
                .filter(f -> !f.getObserveOnly() && context.concernsThis(f))
                .allMatch(this::describesBatch);
    }

    private boolean describesBatch(Finding f) {
        return config.detectors().of(f).filter(FindingSource::describesBatch).isPresent();
    }

    String grade(double risk) {
        return risk >= config.risk().reject()
                ? Actions.REJECT
                : risk >= config.risk().defer()
                        ? Actions.DEFER
                        : risk >= config.risk().hold() ? Actions.HOLD : Actions.OBSERVE;
    }

    List<Evidence> evidence() {
        List<Evidence> all = new ArrayList<>();
        for (Finding f : s.getFindings()) {
            if (context.concernsThis(f)) {
                all.addAll(f.getEvidence());
            }
        }
        return bounded(all);
    }

    /**
     * Adds to what the open incident rests on. What comes after an account of the past would have been stopped is its owner's as well
     * as the thief's, as nobody was stopped: it is no evidence of the theft.
     */
    void collect(Finding f) {
        if (s.getIncident() != null && !(context.past().judging() && wouldBeStopped())) {
            collectAll(f.getEvidence());
        }
    }

    private boolean wouldBeStopped() {
        return Actions.rank(s.getIncident().getAction()) > 0;
    }

    /** Adds all that counts now: what a decision of the past rests on, if it grew since its evidence was kept. */
    void collectCounted() {
        List<Evidence> known = s.getIncident().getEvidence();
        collectAll(evidence().stream().filter(e -> !known.contains(e)).toList());
    }

    private void collectAll(List<Evidence> more) {
        List<Evidence> all = new ArrayList<>(s.getIncident().getEvidence());
        all.addAll(more);
        s.getIncident().setEvidence(bounded(all));
        moreEvidence = true;
    }

    /** Whether evidence was added to the open incident by this input. */
    boolean hasMore() {
        return moreEvidence;
    }

    /** Techniques behind these detectors; one of an earlier build saw a valid login. */
    List<Technique> techniques(List<String> names) {
        return names.stream()
                .flatMap(name -> config
                        .detectors()
                        .named(name)
                        .map(FindingSource::techniques)
                        .orElse(List.of(Technique.VALID_ACCOUNTS))
                        .stream())
                .distinct()
                .toList();
    }

    /** The same as alerts have it. */
    List<Attack> attacks(List<String> names) {
        return techniques(names).stream().map(Technique::attack).toList();
    }

    /** Event time of the newest piece of evidence; null when none has one. */
    static @Nullable Instant newest(List<Evidence> all) {
        return all.stream()
                .map(Evidence::getOccurredAt)
                .filter(at -> at != null)
                .max(Comparator.naturalOrder())
                .orElse(null);
    }

    /** The first piece of evidence and the newest ones. */
    static List<Evidence> bounded(List<Evidence> all) {
        return bounded(all, MAX_EVIDENCE);
    }

    static List<Evidence> bounded(List<Evidence> all, int most) {
        while (all.size() > most) {
            all.remove(1);
        }
        return all;
    }
}
