package io.postbrake.detection.decision;

import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.detector.Detector;
import io.postbrake.detection.detector.SharedNetwork;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.ProfileSeeding;
import io.postbrake.detection.profile.ProfileUpdater;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One input's way through the state of an account or an address, which may be blocked. */
final class AccountReducer implements Reducer {
    private static final double INCIDENT_RISK = 0.3;
    private static final Set<Phase> KEEPS_BLOCK = EnumSet.of(Phase.ATTEMPT, Phase.ACCEPTED, Phase.REFUSED);

    private final DecisionContext context;
    private final SubjectState s;
    private final List<Detector> detectors;
    private final PastJudgement past;
    private final EvidenceLedger ledger;
    private final IncidentLifecycle incidents;
    private final BlockLifecycle blocks;
    private final ForeignFindings foreign;
    private final OperatorOverrides overrides;
    private final Forgetting forgetting;
    private final Retention retention;

    AccountReducer(SubjectState state, DetectionConfig config, Brake brake) {
        this.context = new DecisionContext(state, config, brake);
        this.s = state;
        this.detectors = config.detectors().ofSubmissions();
        this.past = context.past();
        this.ledger = new EvidenceLedger(context);
        this.incidents = new IncidentLifecycle(context, ledger);
        this.blocks = new BlockLifecycle(context, ledger, incidents);
        this.foreign = new ForeignFindings(context);
        this.overrides = new OperatorOverrides(context, ledger, incidents, blocks);
        this.forgetting = new Forgetting(context, incidents);
        this.retention = new Retention(context, blocks, incidents);
    }

    @Override
    public void take(Input in) {
        if (in instanceof Input.Activity activity) {
            activity(activity.submission());
        } else if (in instanceof Input.ForeignFinding opinion) {
            opinion(opinion.finding());
        } else if (in instanceof Input.Notified news && news.notice() instanceof Notice.UsualForFleet usual) {
            arrives(usual);
            if (!context.spent(usual.at())) {
                foreign.usual(usual.where());
            }
        } else if (in instanceof Input.Notified news && news.notice() instanceof Notice.ManyLogInThere many) {
            arrives(many);
            if (!forgetting.isForgotten(many.at())) {
                context.profile().frontEnds().shared(many.from(), many.at());
            }
        } else if (in instanceof Input.Overridden word) {
            word(word.override());
        } else if (in instanceof Input.Forget forget) {
            advance(forget.word().getAt());
            forgetting.accept(forget.word());
        } else if (in instanceof Input.Waiting waiting) {
            waiting(waiting.report());
        } else if (in instanceof Input.Seed learnt) {
            learn(States.copy(learnt.profile()));
        } else if (in instanceof Input.Renamed renamed) {
            new Takeover(context, ledger, incidents, blocks, overrides).of(States.copy(renamed.state()), this::advance);
        } else if (in instanceof Input.Tick tick) {
            tick(tick.now());
        }
    }

    private void activity(Submission e) {
        Instant at = e.getOccurredAt();
        Instant known = context.known(at, e.getReadAt());
        boolean timely = context.recent(at, known);
        arrives(at, timely, known);
        if (forgetting.isForgotten(at)) {
            return;
        }
        context.seen(at);
        if (context.spent(at)) {
            return;
        }
        // The past may be acted on as far as it is judged by itself.
        boolean acts = timely || past.judging();
        if (timely) {
            context.disobeyed(Obedience.broken(context, e));
        }
        Profile profile = context.profile();
        SubmissionContext seen = profile.see(e);
        blocks.comesFrom(seen);
        ProfileUpdater updater = context.updater();
        updater.countBefore(seen);
        // Who gets in at an address that is refused elsewhere is no sign of the guesser.
        boolean goesOn = !profile.range()
                && (profile.client() ? seen.phase() == Phase.REFUSED : KEEPS_BLOCK.contains(seen.phase()));
        if (s.getBlock() != null && goesOn) {
            blocks.goesOn(profile, seen, acts);
        }
        List<Finding> own = new ArrayList<>();
        for (Detector detector : detectors) {
            if (past.judging() && detector.presumesBlock()) {
                continue;
            }
            List<Finding> opinions = detector.all(profile, seen);
            boolean excused = detector.describesBatch()
                    && !detector.presumesBlock()
                    && !opinions.isEmpty()
                    && profile.account()
                    && profile.circulars().excuses(seen);
            if (opinions.isEmpty() || excused) {
                continue;
            }
            for (Finding made : opinions) {
                if (!timely) {
                    // The other subject cannot know how late this one heard of it.
                    made.setReadAt(known);
                }
                Finding f = foreign.tried(made);
                boolean news = ledger.remember(f);
                if (news) {
                    context.findings().add(f);
                }
                if (context.concernsThis(f)) {
                    own.add(f);
                    if (news) {
                        ledger.collect(f);
                    }
                }
            }
        }
        Instant readAt = timely ? null : known;
        context.notices().addAll(Notices.newNetwork(profile, seen, readAt));
        context.notices().addAll(Notices.livedIn(profile, seen, readAt));
        Notices.nearby(profile, seen, readAt).ifPresent(context.notices()::add);
        Notices.manyDomains(profile, seen, readAt).ifPresent(context.notices()::add);
        if (updater.countAfter(seen) && profile.account()) {
            context.notices().add(new Notice.ActiveToday(s.getSubjectKey(), at, readAt));
        }
        if (!own.isEmpty()) {
            // What may only be observed must not renew a block by older evidence.
            Finding deciding = own.stream()
                    .filter(f -> !f.getObserveOnly())
                    .max(Comparator.comparingDouble(Finding::getScore))
                    .orElse(own.get(0));
            decide(deciding, acts);
        }
    }

    private void opinion(Finding foreignFinding) {
        Finding f = foreign.weighed(foreignFinding);
        Instant known = context.known(f.getOccurredAt(), f.getReadAt());
        boolean timely = context.recent(f.getOccurredAt(), known);
        arrives(f.getOccurredAt(), timely, known);
        if (!forgetting.isForgotten(f.getOccurredAt())
                && !context.config().detectors().made(f, SharedNetwork.class)) {
            context.seen(f.getOccurredAt());
        }
        if (context.spent(f.getOccurredAt()) || !context.concernsThis(f) || foreign.ownHistoryCounts(f)) {
            return;
        }
        if (ledger.remember(f)) {
            ledger.collect(f);
        }
        decide(f, timely || past.judging());
    }

    /** Time passes to that of a notice, and the subject is seen. */
    void arrives(Notice notice) {
        Instant known = context.known(notice.at(), notice.readAt());
        arrives(notice.at(), context.recent(notice.at(), known), known);
        if (!forgetting.isForgotten(notice.at())) {
            context.seen(notice.at());
        }
    }

    /** Whether what happened then is forgotten. */
    boolean isForgotten(Instant at) {
        return forgetting.isForgotten(at);
    }

    /** Tells another subject an opinion. */
    void tells(Finding opinion) {
        context.findings().add(opinion);
    }

    /** Tells another subject what is no opinion. */
    void sends(Notice notice) {
        context.notices().add(notice);
    }

    /**
     * Time passes to that of an input. What is older than can be acted on is judged by its own time, unless something of today
     * is open: then it is only more of that.
     */
    private void arrives(Instant at, boolean timely, Instant known) {
        if (!timely && s.getIncident() == null && s.getBlock() == null) {
            context.judgePast(known);
        }
        advance(at);
    }

    private void word(@Nullable OperatorOverride wordOrNull) {
        if (wordOrNull != null) {
            advance(wordOrNull.getAt());
        }
        overrides.accept(wordOrNull);
    }

    private void tick(Instant tick) {
        s.setLastTickAt(DecisionContext.later(s.getLastTickAt(), tick));
        advance(tick);
    }

    /** The history of old logs takes the place of a shorter one. */
    private void learn(SubjectState learnt) {
        context.pass(DecisionContext.later(
                s.getLastTickAt(), DecisionContext.later(s.getLastSeenAt(), learnt.getLastSeenAt())));
        ProfileSeeding.apply(s, learnt);
    }

    /** Nothing happened to the state. */
    SubjectOutput unchanged() {
        context.pass(DecisionContext.later(s.getLastTickAt(), s.getLastSeenAt()));
        return outputs();
    }

    @Override
    public SubjectOutput outputs() {
        past.end();
        return retention.over() ? context.outputs(null, null) : context.outputs(s, retention.deadline());
    }

    /** Time passes to the decision time of {@code at}: what is due by then happens. */
    private void advance(Instant at) {
        context.pass(past.judging() ? at : DecisionContext.later(s.getLastTickAt(), at));
        if (!past.judging()) {
            past.due(context.now()).ifPresent(context.notices()::add);
        }
        OperatorOverride word = s.getWord();
        if (word != null && word.getEndsAt() != null && !context.now().isBefore(word.getEndsAt())) {
            s.setWord(null);
        }
        ledger.expire();
        boolean ended = blocks.pass();
        incidents.pass(ended);
    }

    @Override
    public @Nullable Instant deadline() {
        return retention.deadline();
    }

    /** A host tells how much of the account's mail waits there. */
    private void waiting(EnforcementReport report) {
        advance(s.getLastTickAt() == null ? report.getAt() : s.getLastTickAt());
        if (report.getDeleted() > 0) {
            // Somebody looked into it, and it was no circular.
            context.profile().circulars().forget();
        }
        incidents.waiting(report);
    }

    private void decide(Finding newest, boolean timely) {
        s.setActiveAt(DecisionContext.later(s.getActiveAt(), newest.getOccurredAt()));
        double risk = ledger.risk(true);
        if (risk < INCIDENT_RISK && s.getIncident() == null) {
            return;
        }
        if (s.getIncident() == null) {
            incidents.open(newest);
        }
        String grade = ledger.grade();
        boolean acts = timely && !context.allowed() && !context.config().watches(context.now());
        if (Actions.rank(grade) > 0 && acts && !newest.getObserveOnly()) {
            blocks.bearsOut(newest);
            String braked = blocks.braked(grade, newest);
            if (Actions.rank(braked) > 0) {
                blocks.block(braked, newest);
            }
        }
        incidents.publishIfChanged(newest.getTitle(), risk);
    }
}
