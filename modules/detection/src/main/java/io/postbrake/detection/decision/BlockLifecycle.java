package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.alert.HostConfirmation;
import io.postbrake.block.Block;
import io.postbrake.detection.config.AllowList;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A subject's block: when it begins, grows, goes on and ends, and what the brake leaves of it. */
final class BlockLifecycle {
    private static final int MAX_DOUBLINGS = 8;
    /** A refusal that attempts from home prolong lasts at most so many times as long as one without them. */
    private static final int MOST_PROLONGED = 3;

    private static final int MAX_HOSTS = IncidentLifecycle.MAX_HOSTS;

    private final DecisionContext context;
    private final SubjectState s;
    private final DetectionConfig config;
    private final PastJudgement past;
    private final EvidenceLedger ledger;
    private final IncidentLifecycle incidents;
    private final SingleHost singleHost;
    /** Whether an account that has a history is not at home where this comes from. */
    private boolean elsewhere;
    /** Whether what happens now under a hold or deferral is what the account does anyway. */
    private boolean steady;

    BlockLifecycle(DecisionContext context, EvidenceLedger ledger, IncidentLifecycle incidents) {
        this.context = context;
        this.s = context.state();
        this.config = context.config();
        this.past = context.past();
        this.ledger = ledger;
        this.incidents = incidents;
        this.singleHost = new SingleHost(context);
    }

    /** Notes where the event comes from, before it is counted. */
    void comesFrom(SubmissionContext seen) {
        elsewhere = seen.abroad();
    }

    /** The subject goes on under its block; {@code acts} when the event is young enough to prolong it. */
    void goesOn(Profile profile, SubmissionContext seen, boolean acts) {
        Submission e = seen.event();
        confirm(e);
        s.setActiveAt(DecisionContext.later(s.getActiveAt(), e.getOccurredAt()));
        steady = !s.getBlock().getAction().equals(Actions.REJECT) && profile.steady(seen);
        s.setSteady(steady ? s.getSteady() + 1 : 0);
        if (acts && !steady) {
            extend();
        }
    }

    /** Time has passed: ends the block when it is over or its subject is allowed, and renews what is published. Whether it ended. */
    boolean pass() {
        Instant now = context.now();
        Block block = s.getBlock();
        if (block == null) {
            return false;
        }
        if (!now.isBefore(s.getBlockUntil())) {
            if (s.getRepeats() == 0 && heldACircular()) {
                context.profile().circulars().learn(now, false);
            }
            lift();
            if (s.getSteady() > 0) {
                // It went on as usual: what led to the hold was no thief.
                ledger.clear();
                s.setSteady(0);
            }
            return true;
        }
        Instant renew = renewAt();
        AllowList.Entry entry = config.allow().find(s.getSubjectKey(), now);
        if (entry != null) {
            liftWithoutTrace();
            incidents.publishUpdate("Allowed: " + entry.reason());
        } else if (renew != null && !now.isBefore(renew)) {
            put(Block.newBuilder(block).setEndsAt(s.getBlockUntil()).build());
        }
        return false;
    }

    /** Whether the block held what an owner sends to many at once, as far as is known. */
    boolean heldACircular() {
        return s.getBlock() != null
                && s.getBlock().getAction().equals(Actions.HOLD)
                && context.profile().account()
                && Actions.rank(ledger.grade()) <= Actions.rank(Actions.HOLD)
                && !s.getFindings().isEmpty()
                && ledger.batchOnly()
                && context.profile().circulars().looksLikeOne(context.now());
    }

    /** Lifts the block so that what comes next is judged as if none had been. */
    void liftWithoutTrace() {
        lift();
        s.setBlockUntil(null);
    }

    /** A block that one host alone asked for is in force on all hosts once another one sees the same. */
    void bearsOut(Finding newest) {
        Block block = s.getBlock();
        if (block != null && singleHost.isBorneOut(block.getOnlyHost(), newest)) {
            Instant until = s.getBlockUntil();
            put(Block.newBuilder(block)
                    .setOnlyHost(null)
                    .setDecidedAt(context.now())
                    .build());
            s.setBlockUntil(until);
        }
    }

    /** Begins a block, makes it stricter, or lets it go on. */
    void block(String grade, Finding newest) {
        Block old = s.getBlock();
        if (Actions.rank(grade) > Actions.rank(Actions.HOLD)) {
            context.profile().circulars().forget();
        }
        if (old == null) {
            s.setBlocks(s.getBlocks() + 1);
            // A block of the past must not make days after it count that a later one took out.
            s.setBlockedDay(Math.max(s.getBlockedDay(), EventTime.day(context.now())));
            boolean repeated = s.getBlockUntil() != null
                    && context.now()
                            .isBefore(s.getBlockUntil().plus(config.block().repeatWithin()));
            s.setRepeats(repeated ? s.getRepeats() + 1 : 0);
            s.setSteady(0);
            context.updater().forgetAttempts();
            var id = StableIds.of(
                    "block",
                    s.getIncident().getIncidentId(),
                    s.getBlocks(),
                    context.now().toEpochMilli());
            put(Block.newBuilder()
                    .setBlockId(id)
                    .setSubject(SubjectKeys.bare(s.getSubjectKey()))
                    .setSubjectType(SubjectKeys.type(s.getSubjectKey()))
                    .setReference(id.toString().substring(0, 8))
                    .setAction(grade)
                    .setReason(newest.getTitle())
                    .setScore(ledger.risk(false))
                    .setIncidentId(s.getIncident().getIncidentId())
                    .setDecidedAt(context.now())
                    .setLastEvidenceAt(newest.getOccurredAt())
                    .setEndsAt(context.now().plus(ttl(grade)))
                    .setOnlyHost(singleHost.bounds())
                    .setHomeNetworks(homeNetworks())
                    .build());
            // Where the thief sent from must not have become normal meanwhile.
            context.updater().distrust(context.now().minus(config.risk().window()), newest);
            Notices.blockedThere(context.profile(), newest).ifPresent(context.notices()::add);
        } else if (Actions.rank(grade) > Actions.rank(old.getAction())) {
            put(Block.newBuilder(old)
                    .setAction(grade)
                    .setReason(newest.getTitle())
                    .setScore(ledger.risk(false))
                    .setDecidedAt(context.now())
                    .setLastEvidenceAt(DecisionContext.later(old.getLastEvidenceAt(), newest.getOccurredAt()))
                    .setHomeNetworks(homeNetworks())
                    .setEndsAt(DecisionContext.later(
                            s.getBlockUntil(), context.now().plus(ttl(grade))))
                    .build());
        } else {
            old.setLastEvidenceAt(DecisionContext.later(old.getLastEvidenceAt(), newest.getOccurredAt()));
            if (!steady) {
                extend();
            }
        }
    }

    /** What a mail host may leave of the mailbox; null where no home is known, or the subject is no account. */
    private @Nullable List<String> homeNetworks() {
        Profile profile = context.profile();
        List<String> all = profile.account() ? profile.mailbox().homeNetworks(context.now()) : List.of();
        return all.isEmpty() ? null : all;
    }

    /**
     * Moves the end of the block on; what is published follows in steps, so that not every refusal is a record. Refusals end
     * although attempts go on: an owner's program tries again for ever, and so does a thief's, but from elsewhere. Whoever is
     * a thief is stopped anew, for twice as long.
     */
    private void extend() {
        Block block = s.getBlock();
        Duration ttl = ttl(block.getAction());
        Instant until = context.now().plus(ttl);
        long most = MOST_PROLONGED * ttl.toMillis();
        Instant last = block.getDecidedAt()
                .plusMillis(elsewhere ? Math.max(most, config.block().longest().toMillis()) : most);
        boolean ends = !block.getAction().equals(Actions.HOLD) && last.isBefore(until);
        s.setBlockUntil(DecisionContext.later(s.getBlockUntil(), ends ? last : until));
        if (s.getBlockUntil().isAfter(block.getEndsAt().plusMillis(ttl.toMillis() / 4))) {
            put(Block.newBuilder(block).setEndsAt(s.getBlockUntil()).build());
        }
    }

    /** When the end must be published anew because enforcers would drop the block before its real end. */
    @Nullable
    Instant renewAt() {
        Block block = s.getBlock();
        boolean behind = s.getBlockUntil().isAfter(block.getEndsAt());
        return behind ? block.getEndsAt().minusMillis(ttl(block.getAction()).toMillis() / 8) : null;
    }

    void put(Block block) {
        s.setBlock(block);
        s.setBlockUntil(block.getEndsAt());
        context.change(new SubjectOutput.BlockChange.Put(block));
    }

    private void lift() {
        s.setBlock(null);
        s.setBlockUntil(s.getBlockUntil().isAfter(context.now()) ? context.now() : s.getBlockUntil());
        context.change(new SubjectOutput.BlockChange.Lift());
    }

    private void confirm(Submission e) {
        boolean ours = e.getBlockRef() != null
                && e.getBlockRef().equalsIgnoreCase(s.getBlock().getReference());
        Alert incident = s.getIncident();
        if (!ours || incident == null || incident.getConfirmedHosts().size() >= MAX_HOSTS) {
            return;
        }
        if (incident.getConfirmedHosts().stream().noneMatch(h -> h.getHostId().equals(e.getHostId()))) {
            List<HostConfirmation> hosts = new ArrayList<>(incident.getConfirmedHosts());
            hosts.add(new HostConfirmation(e.getHostId(), e.getOccurredAt()));
            incident.setConfirmedHosts(hosts);
            if (incidents.mayPublish()) {
                incidents.publishUpdate("The block is in force on " + e.getHostId());
            }
        }
    }

    /** What the brake leaves of a decision. What is in force stays; what was held because of it grows when it is released. */
    String braked(String grade, Finding newest) {
        if (past.judging() || !config.brake().enabled()) {
            return grade;
        }
        Block block = s.getBlock();
        boolean counted = s.getBrakedAt() != null
                && context.now().isBefore(s.getBrakedAt().plus(config.brake().within()));
        if (block == null && !counted) {
            s.setBrakedAt(context.now());
            context.notices()
                    .add(new Notice.BlockBegan(
                            s.getSubjectKey(), context.now(), newest.getDetector(), singleHost.id()));
        }
        String most = context.brake().most(SubjectKeys.type(s.getSubjectKey()), singleHost.id(), context.now());
        if (most == null || Actions.rank(grade) <= Actions.rank(most)) {
            return grade;
        }
        return block == null || Actions.rank(block.getAction()) < Actions.rank(most) ? most : block.getAction();
    }

    /** Each repeated block lasts twice as long as the one before. */
    private Duration ttl(String action) {
        long once = switch (action) {
            case Actions.REJECT -> config.block().reject().toMillis();
            case Actions.DEFER -> config.block().defer().toMillis();
            default -> config.block().hold().toMillis();
        };
        // Not by the methods of Duration, which multiply and divide by way of decimals of any length.
        long longest = config.block().longest().toMillis();
        // A range ends within hours: whose it is may have changed by then.
        int doublings = context.profile().range() ? 0 : (int) Math.min(s.getRepeats(), MAX_DOUBLINGS);
        return Duration.ofMillis(once > longest >> doublings ? longest : once << doublings);
    }
}
