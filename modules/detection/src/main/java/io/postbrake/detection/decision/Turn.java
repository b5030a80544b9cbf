package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.alert.Attack;
import io.postbrake.alert.HeldMail;
import io.postbrake.alert.HostConfirmation;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.brake.FleetBrake;
import io.postbrake.detection.config.AllowList;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.detector.Detector;
import io.postbrake.detection.detector.NewNetwork;
import io.postbrake.detection.detector.Risk;
import io.postbrake.detection.detector.SuccessAfterGuessing;
import io.postbrake.detection.detector.Technique;
import io.postbrake.detection.profile.Learning;
import io.postbrake.detection.profile.Origins;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.Strangers;
import io.postbrake.detection.subject.EventTime;
import io.postbrake.detection.subject.Ids;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.state.ResolvedIncident;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** One input's way through a subject's state, which is this turn's own copy. */
final class Turn {
    static final int MAX_EVIDENCE = 20;
    static final int MAX_FINDINGS = 20;
    private static final int MAX_HOSTS = 100;
    private static final int MAX_RESOLVED = 20;
    private static final int MAX_DOUBLINGS = 8;
    /** A refusal that attempts from home prolong lasts at most so many times as long as one without them. */
    private static final int MOST_PROLONGED = 3;

    private static final double INCIDENT_RISK = 0.3;
    private static final double MATERIAL = 0.1;
    /** So many states of an incident are told as they come, later ones that change neither severity nor action in turns. */
    private static final int TOLD_AT_ONCE = 10;

    private static final Duration TELL_EVERY = Duration.ofMinutes(1);
    /** How much heavier, in nats, an opinion has to become to be told again. */
    private static final double RISEN = 0.5;
    /** Weight of failed logins of others where the account is at home. */
    private static final double AT_HOME = 1;

    private static final double NEIGHBOURS_OF_NEW = 2;
    private static final Duration REPEAT_AFTER = Duration.ofMinutes(10);
    private static final Duration NEIGHBOURS_KEPT = Duration.ofDays(8);
    private static final Set<String> KEEPS_BLOCK = Set.of("ATTEMPT", "ACCEPTED", "REFUSED");

    private static final Outputs.BlockChange NO_CHANGE = new Outputs.BlockChange.None();

    private final SubjectState s;
    private final DetectionConfig config;
    private final List<Detector> detectors;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Alert> alerts = new ArrayList<>();
    private final List<String> forgotten = new ArrayList<>();
    private final PastJudgement past;
    private final Brake brake;
    private Outputs.BlockChange change = NO_CHANGE;
    private Instant now = Instant.EPOCH;
    /** When the input of a turn about the past was read. */
    private Instant readAt;

    private Profile profile;
    private double observedRisk = Double.NaN;
    private double decidingRisk = Double.NaN;
    private boolean moreEvidence;
    /** Whether an account that has a history is not at home where this comes from. */
    private boolean elsewhere;
    /** Whether what happens now under a hold or deferral is what the account does anyway. */
    private boolean steady;

    Turn(SubjectState state, DetectionConfig config, List<Detector> detectors, Brake brake) {
        this.s = state;
        this.config = config;
        this.detectors = detectors;
        this.brake = brake;
        this.past = state == null ? null : new PastJudgement(state, config);
    }

    private Profile profile() {
        if (profile == null) {
            profile = new Profile(s, config);
        }
        return profile;
    }

    void activity(Submission e) {
        Instant at = e.getOccurredAt();
        Instant known = known(at, e.getReadAt());
        boolean timely = recent(at, known);
        arrives(at, timely, known);
        seen(at);
        if (spent(at)) {
            return;
        }
        // The past may be acted on as far as it is judged by itself.
        boolean acts = timely || past.judging();
        Profile profile = profile();
        elsewhere = profile.account() && profile.abroad(e);
        profile.countBefore(e);
        // Who gets in at an address that is refused elsewhere is no sign of the guesser.
        boolean goesOn = profile.client() ? e.getPhase().equals("REFUSED") : KEEPS_BLOCK.contains(e.getPhase());
        if (s.getBlock() != null && goesOn) {
            confirm(e);
            s.setActiveAt(later(s.getActiveAt(), at));
            steady = !s.getBlock().getAction().equals("reject") && profile.steady(e);
            s.setSteady(steady ? s.getSteady() + 1 : 0);
            if (acts && !steady) {
                extend();
            }
        }
        List<Finding> own = new ArrayList<>();
        for (Detector detector : detectors) {
            List<Finding> opinions = detector.all(profile, e);
            if (opinions.isEmpty()) {
                continue;
            }
            for (Finding made : opinions) {
                if (!timely) {
                    // The other subject cannot know how late this one heard of it.
                    made.setReadAt(known);
                }
                Finding f = tried(made);
                // What the fleet and a neighbourhood are told is no opinion to repeat or not: each network is told of
                // once.
                boolean told = f.getDetector().equals(NewNetwork.ID) && !concernsThis(f);
                boolean news = told || remember(f);
                if (news) {
                    findings.add(f);
                }
                if (concernsThis(f)) {
                    own.add(f);
                    if (news) {
                        collect(f);
                    }
                }
            }
        }
        if (profile.countAfter(e)) {
            Finding active = forFleet(FleetBrake.ACTIVE, at, "Mail on this day");
            active.setReadAt(timely ? null : known);
            findings.add(active);
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

    void opinion(Finding told) {
        Finding f = tried(weaker(atHome(told)));
        Instant known = known(f.getOccurredAt(), f.getReadAt());
        boolean timely = recent(f.getOccurredAt(), known);
        arrives(f.getOccurredAt(), timely, known);
        if (!f.getDetector().equals(Neighbourhood.DETECTOR.id())) {
            seen(f.getOccurredAt());
        }
        if (SubjectKeys.is(SubjectKeys.CLIENT_NET, s.getSubjectKey())) {
            findings.addAll(new Neighbourhood(s, config).told(f));
            return;
        }
        if (spent(f.getOccurredAt()) || !concernsThis(f) || ownHistoryCounts(f)) {
            return;
        }
        if (remember(f)) {
            collect(f);
        }
        decide(f, timely || past.judging());
    }

    /**
     * Time passes to that of an input. What is older than can be acted on is judged by its own time, unless something of today
     * is open: then it is only more of that.
     */
    private void arrives(Instant at, boolean timely, Instant known) {
        if (!timely && s.getIncident() == null && s.getBlock() == null) {
            readAt = known;
            past.begin(known);
        }
        advance(at);
    }

    /** What a detector on dry run finds is told, and blocks nobody. */
    private Finding tried(Finding f) {
        return f.getObserveOnly() || !config.dryRun().contains(f.getDetector())
                ? f
                : Finding.newBuilder(f).setObserveOnly(true).setDryRun(true).build();
    }

    /** Where the account has been at home for days, its neighbours' failed logins say little about it. */
    private Finding atHome(Finding f) {
        if (!f.getDetector().equals(SuccessAfterGuessing.ID)) {
            return f;
        }
        boolean home = f.getEvidence().stream()
                .anyMatch(evidence -> profile().atHome(evidence.getClientIp(), f.getOccurredAt()));
        return home
                ? Finding.newBuilder(f)
                        .setScore(Math.min(f.getScore(), Risk.score(AT_HOME, config.riskPrior())))
                        .build()
                : f;
    }

    /** An account without history is at home nowhere, and so what others did there says less of it. */
    private Finding weaker(Finding f) {
        boolean neighbours = f.getDetector().equals(Neighbourhood.DETECTOR.id());
        return neighbours && !profile().experienced()
                ? Finding.newBuilder(f)
                        .setScore(Math.min(f.getScore(), Risk.score(NEIGHBOURS_OF_NEW, config.riskPrior())))
                        .build()
                : f;
    }

    /** What others say of a place is about the account only while it is not at home there. */
    private boolean ownHistoryCounts(Finding f) {
        boolean fleets =
                f.getDetector().equals(Fleet.DETECTOR.id()) || f.getDetector().equals(Fleet.USUAL);
        boolean neighbours = f.getDetector().equals(Neighbourhood.DETECTOR.id());
        if ((!fleets && !neighbours) || f.getEvidence().isEmpty()) {
            return false;
        }
        Evidence where = f.getEvidence().get(0);
        String origin = Origins.name(where.getAsn(), where.getCountry(), where.getClientIp());
        Profile profile = profile();
        if (neighbours) {
            return profile.origins().settled(origin, f.getOccurredAt());
        }
        profile.origins().answered(origin, f.getDetector().equals(Fleet.USUAL) ? 1 : -1);
        return f.getDetector().equals(Fleet.USUAL)
                || profile.experienced()
                || profile.countries().contains(where.getCountry());
    }

    void word(OperatorOverride word) {
        if (word == null) {
            s.setWord(null);
            return;
        }
        advance(word.getAt());
        s.setLastSeenAt(later(s.getLastSeenAt(), word.getAt()));
        if (word.getVerb().equals("unblock")) {
            s.setWord(null);
            if (s.getSpentUntil() == null || word.getAt().isAfter(s.getSpentUntil())) {
                s.setSpentUntil(word.getAt());
                profile().spend();
                weighAnew();
                s.setPast(null);
                s.setRepeats(0);
                boolean newer = s.getBlock() == null
                        ? s.getActiveAt() != null && s.getActiveAt().isAfter(word.getAt())
                        : s.getBlock().getLastEvidenceAt().isAfter(word.getAt());
                if (s.getBlock() != null && !newer) {
                    lift();
                    s.setBlockUntil(null);
                }
                if (s.getIncident() != null && !newer) {
                    resolve("unblocked", word.getActor(), "Lifted by " + word.getActor() + ": " + word.getReason());
                }
            }
            return;
        }
        s.setWord(word);
        s.setRepeats(allowed() ? 0 : s.getRepeats());
        liftIfAllowed(word);
    }

    private void liftIfAllowed(OperatorOverride word) {
        if (allowed() && s.getBlock() != null) {
            lift();
            s.setBlockUntil(null);
            told("Allowed by " + word.getActor() + ": " + word.getReason());
        }
    }

    /** A host tells how much of the account's mail waits there: worth telling when it is another number. */
    void waiting(EnforcementReport report) {
        advance(s.getLastTickAt() == null ? report.getAt() : s.getLastTickAt());
        Alert incident = s.getIncident();
        var mail = new HeldMail(report.getHostId(), report.getHeld(), report.getReleased(), report.getDeleted());
        if (incident == null || incident.getHeldMail().contains(mail)) {
            return;
        }
        List<HeldMail> all = new ArrayList<>(incident.getHeldMail());
        all.removeIf(h -> h.getHostId().equals(mail.getHostId()));
        if (all.size() < MAX_HOSTS) {
            all.add(mail);
            incident.setHeldMail(all);
            told(mail.getHeld() + " waiting messages are held on " + mail.getHostId() + ", " + mail.getReleased()
                    + " were released, " + mail.getDeleted() + " deleted");
        }
    }

    void tick(Instant tick) {
        s.setLastTickAt(later(s.getLastTickAt(), tick));
        advance(tick);
    }

    /** The history of old logs takes the place of a shorter one. */
    void learn(SubjectState learnt) {
        now = later(s.getLastTickAt(), later(s.getLastSeenAt(), learnt.getLastSeenAt()));
        Learning.apply(s, learnt);
    }

    /** What an earlier build took for another account is this one's, too. */
    void takeOver(SubjectState old) {
        now = later(later(s.getLastTickAt(), s.getLastSeenAt()), later(old.getLastTickAt(), old.getLastSeenAt()));
        Alert own = s.getIncident();
        Block block = Renaming.stricter(s.getBlock(), old.getBlock());
        boolean carried = block != null && block == old.getBlock();
        Renaming.join(s, old);
        weighAnew();
        if (own == null) {
            s.setIncident(old.getIncident());
            s.setTellAt(old.getTellAt());
        } else if (old.getIncident() != null) {
            Instant tellAt = s.getTellAt();
            s.setIncident(old.getIncident());
            resolve("merged", null, "Goes on as the incident " + own.getIncidentId() + " of the same account");
            s.setIncident(own);
            s.setTellAt(tellAt);
        }
        if (carried) {
            if (own != null) {
                block.setIncidentId(own.getIncidentId());
            }
            Instant until = s.getBlockUntil();
            put(block);
            s.setBlockUntil(until);
            s.setSteady(old.getSteady());
        }
        advance(now);
        if (s.getWord() != null) {
            liftIfAllowed(s.getWord());
        }
        if (s.getIncident() != null && (own == null || carried)) {
            told("The account goes by the name " + SubjectKeys.bare(s.getSubjectKey()) + " from now on");
        }
    }

    /** Nothing happened to the state, which may be null. */
    Outputs unchanged() {
        if (s == null) {
            return new Outputs(s, findings, alerts, forgotten, change, null);
        }
        now = later(s.getLastTickAt(), s.getLastSeenAt());
        return outputs();
    }

    Outputs outputs() {
        past.end();
        Instant forget = forgetAt();
        if (calm() && (forget == null || !now.isBefore(forget))) {
            return new Outputs(null, findings, alerts, forgotten, change, null);
        }
        return new Outputs(s, findings, alerts, forgotten, change, deadline());
    }

    private boolean calm() {
        return s.getBlock() == null
                && s.getIncident() == null
                && s.getWord() == null
                && s.getPast() == null
                && s.getResolved().isEmpty();
    }

    private Instant forgetAt() {
        return s.getLastSeenAt() == null ? null : s.getLastSeenAt().plus(forgetAfter());
    }

    /** When the subject next needs a tick; null when it does not. */
    Instant deadline() {
        Instant deadline = calm() ? forgetAt() : null;
        if (s.getBlock() != null) {
            deadline = earlier(deadline, s.getBlockUntil());
            deadline = earlier(deadline, renewAt());
        } else if (s.getIncident() != null) {
            deadline = earlier(deadline, quietAt());
        }
        deadline = earlier(deadline, s.getWord() == null ? null : s.getWord().getEndsAt());
        deadline = earlier(deadline, s.getIncident() == null ? null : s.getTellAt());
        deadline = earlier(deadline, s.getPast() == null ? null : s.getPast().getDueAt());
        if (!s.getResolved().isEmpty()) {
            deadline = earlier(deadline, s.getResolved().get(0).getAt().plus(config.alertKeep()));
        }
        return deadline;
    }

    /** Time passes to the decision time of {@code at}: what is due by then happens. */
    private void advance(Instant at) {
        now = past.judging() ? at : later(s.getLastTickAt(), at);
        if (!past.judging()) {
            past.due(now).ifPresent(findings::add);
        }
        OperatorOverride word = s.getWord();
        if (word != null && word.getEndsAt() != null && !now.isBefore(word.getEndsAt())) {
            s.setWord(null);
        }
        List<Finding> known = s.getFindings();
        if (!known.isEmpty()) {
            Instant old = now.minus(config.riskWindow());
            for (int i = known.size() - 1; i >= 0; i--) {
                if (!known.get(i).getOccurredAt().isAfter(old)) {
                    known.remove(i);
                    weighAnew();
                }
            }
        }
        boolean ended = s.getBlock() != null && !now.isBefore(s.getBlockUntil());
        Instant renew = s.getBlock() == null ? null : renewAt();
        AllowList.Entry entry =
                s.getBlock() == null || ended ? null : config.allow().find(s.getSubjectKey(), now);
        if (ended) {
            lift();
            if (s.getSteady() > 0) {
                // It went on as usual: what led to the hold was no thief.
                s.getFindings().clear();
                weighAnew();
                s.setSteady(0);
            }
        } else if (entry != null) {
            lift();
            s.setBlockUntil(null);
            told("Allowed: " + entry.reason());
        } else if (renew != null && !now.isBefore(renew)) {
            put(Block.newBuilder(s.getBlock()).setEndsAt(s.getBlockUntil()).build());
        }
        if (s.getIncident() != null && s.getBlock() == null && !now.isBefore(quietAt())) {
            resolve("quiet", null, "Quiet since " + s.getActiveAt());
        } else if (ended) {
            told("The block has ended");
        } else if (s.getTellAt() != null && !now.isBefore(s.getTellAt())) {
            tellNow(newestTitle(), risk(true));
        }
        while (!s.getResolved().isEmpty() && forgets(s.getResolved().get(0))) {
            forgotten.add(s.getResolved().remove(0).getIncidentId());
        }
    }

    private void resolve(String resolution, String by, String description) {
        if (past.judging()) {
            past.closed(readAt).ifPresent(findings::add);
            s.setTellAt(null);
            return;
        }
        Alert open = s.getIncident();
        boolean acted = !open.getAction().equals("observe");
        Alert resolved = Flat.copy(open, new Alert());
        resolved.setState("RESOLVED");
        resolved.setRevision(open.getRevision() + 1);
        resolved.setAction("observe");
        resolved.setActionSince(acted ? now : open.getActionSince());
        resolved.setActionUntil(null);
        resolved.setDryRunAction(null);
        resolved.setUpdatedAt(now);
        resolved.setEndedAt(now);
        resolved.setResolution(resolution);
        resolved.setResolvedBy(by);
        resolved.setDescription(description);
        alerts.add(resolved);
        s.setIncident(null);
        s.setTellAt(null);
        s.getResolved().add(new ResolvedIncident(resolved.getIncidentId().toString(), now));
    }

    private boolean forgets(ResolvedIncident first) {
        return s.getResolved().size() > MAX_RESOLVED
                || !now.isBefore(first.getAt().plus(config.alertKeep()));
    }

    private void decide(Finding newest, boolean timely) {
        s.setActiveAt(later(s.getActiveAt(), newest.getOccurredAt()));
        double risk = risk(true);
        if (risk < INCIDENT_RISK && s.getIncident() == null) {
            return;
        }
        if (s.getIncident() == null) {
            open(newest);
        }
        String grade = grade();
        if (rank(grade) > 0 && timely && !newest.getObserveOnly() && !allowed()) {
            String braked = braked(grade, newest);
            if (rank(braked) > 0) {
                block(braked, newest);
            }
        }
        tell(newest.getTitle(), risk);
    }

    /** What the brake leaves of a decision. What is in force stays; what was held because of it grows when it is released. */
    private String braked(String grade, Finding newest) {
        if (past.judging() || !config.brake().enabled()) {
            return grade;
        }
        Block block = s.getBlock();
        boolean counted = s.getBrakedAt() != null
                && now.isBefore(s.getBrakedAt().plus(config.brake().within()));
        if (block == null && !counted) {
            s.setBrakedAt(now);
            findings.add(forFleet(FleetBrake.STOPPED, now, newest.getDetector()));
        }
        String most = brake.most(SubjectKeys.type(s.getSubjectKey()), now);
        if (most == null || rank(grade) <= rank(most)) {
            return grade;
        }
        return block == null || rank(block.getAction()) < rank(most) ? most : block.getAction();
    }

    /** What the fleet counts; no opinion. */
    private Finding forFleet(String what, Instant at, String title) {
        return Finding.newBuilder()
                .setFindingId(Ids.of(what, s.getSubjectKey(), at.toEpochMilli()))
                .setSubject(SubjectKeys.bare(SubjectKeys.FLEET))
                .setSubjectType(SubjectKeys.type(SubjectKeys.FLEET))
                .setDetector(what)
                .setScore(0)
                .setObserveOnly(true)
                .setTitle(title)
                .setOccurredAt(at)
                .setOriginSubject(s.getSubjectKey())
                .build();
    }

    private void block(String grade, Finding newest) {
        Block old = s.getBlock();
        if (old == null) {
            s.setBlocks(s.getBlocks() + 1);
            // A block of the past must not make days after it count that a later one took out.
            s.setBlockedDay(Math.max(s.getBlockedDay(), EventTime.day(now)));
            boolean repeated =
                    s.getBlockUntil() != null && now.isBefore(s.getBlockUntil().plus(config.repeatWithin()));
            s.setRepeats(repeated ? s.getRepeats() + 1 : 0);
            s.setSteady(0);
            profile().forgetAttempts();
            var id = Ids.of("block", s.getIncident().getIncidentId(), s.getBlocks(), now.toEpochMilli());
            put(Block.newBuilder()
                    .setBlockId(id)
                    .setSubject(SubjectKeys.bare(s.getSubjectKey()))
                    .setSubjectType(SubjectKeys.type(s.getSubjectKey()))
                    .setReference(id.toString().substring(0, 8))
                    .setAction(grade)
                    .setReason(newest.getTitle())
                    .setScore(risk(false))
                    .setIncidentId(s.getIncident().getIncidentId())
                    .setDecidedAt(now)
                    .setLastEvidenceAt(newest.getOccurredAt())
                    .setEndsAt(now.plus(ttl(grade)))
                    .build());
            // Where the thief sent from must not have become normal meanwhile.
            Profile profile = profile();
            profile.distrust(now.minus(config.riskWindow()), newest);
            NetworkNotice.blocked(profile, newest).ifPresent(findings::add);
        } else if (rank(grade) > rank(old.getAction())) {
            put(Block.newBuilder(old)
                    .setAction(grade)
                    .setReason(newest.getTitle())
                    .setScore(risk(false))
                    .setDecidedAt(now)
                    .setLastEvidenceAt(later(old.getLastEvidenceAt(), newest.getOccurredAt()))
                    .setEndsAt(later(s.getBlockUntil(), now.plus(ttl(grade))))
                    .build());
        } else {
            old.setLastEvidenceAt(later(old.getLastEvidenceAt(), newest.getOccurredAt()));
            if (!steady) {
                extend();
            }
        }
    }

    /**
     * Moves the end of the block on; what is published follows in steps, so that not every refusal is a record. Refusals end
     * although attempts go on: an owner's program tries again for ever, and so does a thief's, but from elsewhere. Whoever is
     * a thief is stopped anew, for twice as long.
     */
    private void extend() {
        Block block = s.getBlock();
        Duration ttl = ttl(block.getAction());
        Instant until = now.plus(ttl);
        long most = MOST_PROLONGED * ttl.toMillis();
        Instant last = block.getDecidedAt()
                .plusMillis(elsewhere ? Math.max(most, config.ttlLongest().toMillis()) : most);
        boolean ends = !block.getAction().equals("hold") && last.isBefore(until);
        s.setBlockUntil(later(s.getBlockUntil(), ends ? last : until));
        if (s.getBlockUntil().isAfter(block.getEndsAt().plusMillis(ttl.toMillis() / 4))) {
            put(Block.newBuilder(block).setEndsAt(s.getBlockUntil()).build());
        }
    }

    /** When the published end must be told anew because enforcers would drop the block before its real end. */
    private Instant renewAt() {
        Block block = s.getBlock();
        boolean behind = s.getBlockUntil().isAfter(block.getEndsAt());
        return behind ? block.getEndsAt().minusMillis(ttl(block.getAction()).toMillis() / 8) : null;
    }

    private void put(Block block) {
        s.setBlock(block);
        s.setBlockUntil(block.getEndsAt());
        if (!past.judging()) {
            change = new Outputs.BlockChange.Put(block);
        }
    }

    private void lift() {
        s.setBlock(null);
        s.setBlockUntil(s.getBlockUntil().isAfter(now) ? now : s.getBlockUntil());
        if (!past.judging()) {
            change = new Outputs.BlockChange.Lift();
        }
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
            if (mayTell()) {
                told("The block is in force on " + e.getHostId());
            }
        }
    }

    /** Remembers the newest finding of each detector; whether this one says something new. */
    private boolean remember(Finding f) {
        weighAnew();
        Finding before = remembered(f);
        boolean soon = before != null
                && f.getOccurredAt().isBefore(before.getOccurredAt().plus(REPEAT_AFTER));
        if (soon && weight(f) < weight(before) + RISEN) {
            before.setScore(Math.max(before.getScore(), f.getScore()));
            return false;
        }
        if (before != null) {
            s.getFindings().remove(before);
        }
        double score = before == null ? f.getScore() : Math.max(before.getScore(), f.getScore());
        Finding own = Flat.copy(f, new Finding());
        own.setScore(score);
        s.getFindings().add(own);
        if (s.getFindings().size() > MAX_FINDINGS) {
            s.getFindings().remove(0);
        }
        return true;
    }

    private Finding remembered(Finding f) {
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

    private double risk(boolean observed) {
        if (observed) {
            observedRisk = Double.isNaN(observedRisk) ? weighed(true) : observedRisk;
            return observedRisk;
        }
        decidingRisk = Double.isNaN(decidingRisk) ? weighed(false) : decidingRisk;
        return decidingRisk;
    }

    /** The findings changed: what they weigh is added up when it is asked for. */
    private void weighAnew() {
        observedRisk = Double.NaN;
        decidingRisk = Double.NaN;
    }

    private double weighed(boolean observed) {
        return weighed(f -> observed || !f.getObserveOnly());
    }

    private double weighed(Predicate<Finding> counted) {
        Risk risk = new Risk(config.riskPrior());
        for (Finding f : s.getFindings()) {
            if (concernsThis(f) && counted.test(f)) {
                risk.add(family(f), f.getScore());
            }
        }
        return risk.probability();
    }

    private String family(Finding f) {
        for (Detector detector : detectors) {
            if (detector.id().equals(f.getDetector())) {
                return detector.family();
            }
        }
        return f.getDetector();
    }

    private double weight(Finding f) {
        return Risk.weight(f.getScore(), config.riskPrior());
    }

    private void open(Finding first) {
        Alert ongoing = past.judging() ? null : past.goesOn(first.getOccurredAt());
        s.setIncident(ongoing == null ? opened(first) : ongoing);
        if (past.judging()) {
            past.opened(readAt);
        }
    }

    private Alert opened(Finding first) {
        var id = Ids.of("incident", s.getSubjectKey(), first.getFindingId());
        return Alert.newBuilder()
                .setIncidentId(id)
                .setSubject(SubjectKeys.bare(s.getSubjectKey()))
                .setSubjectType(SubjectKeys.type(s.getSubjectKey()))
                .setState("")
                .setSeverity("info")
                .setTitle("")
                .setDescription("")
                .setScore(0)
                .setStartedAt(first.getOccurredAt())
                .setUpdatedAt(now)
                .setAction("observe")
                .setEvidence(evidence())
                .setTechnique(attacks(List.of(first.getDetector())).stream()
                        .map(Attack::getTechniqueId)
                        .findFirst()
                        .orElse(""))
                .setRunbook(config.alertRunbooks()
                        + (s.getSubjectKey().startsWith(SubjectKeys.SASL_USER) ? "stolen-account.md" : "address.md"))
                .build();
    }

    private List<Evidence> evidence() {
        List<Evidence> all = new ArrayList<>();
        for (Finding f : s.getFindings()) {
            if (concernsThis(f)) {
                all.addAll(f.getEvidence());
            }
        }
        return bounded(all);
    }

    private void collect(Finding f) {
        if (s.getIncident() != null) {
            List<Evidence> all = new ArrayList<>(s.getIncident().getEvidence());
            all.addAll(f.getEvidence());
            s.getIncident().setEvidence(bounded(all));
            moreEvidence = true;
        }
    }

    /** Techniques behind these detectors; the fleet's detector, which is not among an account's own, sees a valid login. */
    private List<Attack> attacks(List<String> names) {
        return names.stream()
                .flatMap(name -> detectors.stream()
                        .filter(d -> d.id().equals(name))
                        .findFirst()
                        .map(Detector::techniques)
                        .orElse(List.of(Technique.VALID_ACCOUNTS))
                        .stream())
                .distinct()
                .map(Technique::attack)
                .toList();
    }

    /** The first piece of evidence and the newest ones. */
    private static List<Evidence> bounded(List<Evidence> all) {
        while (all.size() > MAX_EVIDENCE) {
            all.remove(1);
        }
        return all;
    }

    /** Tells the incident's new state if it differs enough from what was told; what may wait is told in turns. */
    private void tell(String what, double risk) {
        Alert told = s.getIncident();
        if (past.judging()) {
            remembered(told, what, risk);
            return;
        }
        boolean urgent = told.getState().isEmpty()
                || !severity().equals(told.getSeverity())
                || !action().equals(told.getAction())
                || !Objects.equals(dryRunAction(grade()), told.getDryRunAction());
        boolean material = moreEvidence
                || names(told).size() != told.getDetectors().size()
                || Math.abs(risk - told.getScore()) >= MATERIAL;
        if (urgent || (material && mayTell())) {
            tellNow(what, risk);
        }
    }

    /** What the incident would have been told as at its worst. */
    private void remembered(Alert incident, String what, double risk) {
        incident.setDetectors(names(incident));
        incident.setUpdatedAt(now);
        if (rank(action()) > rank(incident.getAction())) {
            incident.setAction(action());
            incident.setDescription(what);
        }
        incident.setScore(Math.max(incident.getScore(), risk));
    }

    private void tellNow(String what, double risk) {
        Alert told = s.getIncident();
        say(told.getState().isEmpty() ? "FIRING" : "UPDATED", what, risk, severity(), action(), names(told));
    }

    /** Whether one more state may be told now; otherwise what changed is told when it may. */
    private boolean mayTell() {
        Alert told = s.getIncident();
        Instant next = told.getUpdatedAt().plus(TELL_EVERY);
        if (told.getRevision() < TOLD_AT_ONCE || !now.isBefore(next)) {
            return true;
        }
        s.setTellAt(next);
        return false;
    }

    private List<String> names(Alert told) {
        Set<String> names = new TreeSet<>(told.getDetectors());
        s.getFindings().stream().filter(this::concernsThis).forEach(f -> names.add(f.getDetector()));
        return new ArrayList<>(names);
    }

    private String severity() {
        int rank = rank(grade());
        return rank == 0 ? "info" : rank == 1 ? "warning" : "critical";
    }

    private String action() {
        return s.getBlock() == null ? "observe" : s.getBlock().getAction();
    }

    private String newestTitle() {
        return s.getFindings().stream()
                .filter(this::concernsThis)
                .max(Comparator.comparing(Finding::getOccurredAt))
                .map(Finding::getTitle)
                .orElse("The block is in force on "
                        + s.getIncident().getConfirmedHosts().size() + " hosts");
    }

    /** Tells of the incident whatever the risk is now. */
    private void told(String what) {
        Alert told = s.getIncident();
        if (told != null && !past.judging()) {
            say("UPDATED", what, told.getScore(), told.getSeverity(), action(), told.getDetectors());
        }
    }

    /** What would be done if the detectors on dry run counted; null when it is no more than {@code grade}. */
    private String dryRunAction(String grade) {
        if (s.getFindings().stream().noneMatch(Finding::getDryRun)) {
            return null;
        }
        String dry = grade(weighed(f -> f.getDryRun() || !f.getObserveOnly()));
        return rank(dry) > rank(grade) && !allowed() ? dry : null;
    }

    private void say(String state, String what, double risk, String severity, String action, List<String> names) {
        Block block = s.getBlock();
        String dry = dryRunAction(grade());
        String who = s.getSubjectKey().startsWith(SubjectKeys.SASL_USER) ? "Account " : "Address ";
        Alert told = s.getIncident();
        Instant evidenceAt = told.getEvidence().stream()
                .map(Evidence::getOccurredAt)
                .filter(at -> at != null)
                .max(Comparator.naturalOrder())
                .orElse(null);
        Alert alert = Flat.copy(told, new Alert());
        alert.setState(state);
        alert.setRevision(told.getRevision() + 1);
        alert.setLastEvidenceAt(evidenceAt);
        alert.setActionSince(action.equals(told.getAction()) && told.getRevision() > 0 ? told.getActionSince() : now);
        alert.setAttacks(attacks(names));
        alert.setSeverity(severity);
        alert.setTitle(who + SubjectKeys.bare(s.getSubjectKey()) + ": " + String.join(", ", names));
        alert.setDescription(what
                + (block == null ? "" : "; " + action + " until " + block.getEndsAt())
                + (dry == null ? "" : "; would " + dry + ", but for detectors on dry run")
                + (heldBack() ? "; would " + grade() + ", but the brake is on" : ""));
        alert.setDryRunAction(dry);
        alert.setScore(risk);
        alert.setDetectors(names);
        alert.setUpdatedAt(now);
        alert.setAction(action);
        alert.setActionUntil(block == null ? null : block.getEndsAt());
        alert.setBlockId(block == null ? null : block.getBlockId().toString());
        alert.setReference(block == null ? null : block.getReference());
        s.setIncident(alert);
        s.setTellAt(null);
        // A copy: the state's own one changes in later turns only, but this turn may add to it.
        alerts.add(Flat.copy(alert, new Alert()));
    }

    private boolean heldBack() {
        String most = config.brake().enabled() ? brake.most(SubjectKeys.type(s.getSubjectKey()), now) : null;
        return most != null && rank(grade()) > rank(action()) && !allowed();
    }

    private boolean concernsThis(Finding f) {
        return SubjectKeys.names(s.getSubjectKey(), f.getSubjectType(), f.getSubject());
    }

    private boolean allowed() {
        return s.getWord() != null && s.getWord().getVerb().equals("allow")
                || config.allow().find(s.getSubjectKey(), now) != null;
    }

    private boolean spent(Instant at) {
        return s.getSpentUntil() != null && !at.isAfter(s.getSpentUntil());
    }

    /** What is known of today's time when an input is taken that was read at {@code readAtOrNull}. */
    private Instant known(Instant at, Instant readAtOrNull) {
        Instant decision = later(s.getLastTickAt(), at);
        return readAtOrNull == null ? decision : later(decision, readAtOrNull);
    }

    private boolean recent(Instant at, Instant known) {
        return !at.isBefore(known.minus(config.decisionMaxAge()));
    }

    private Instant quietAt() {
        Instant since = s.getActiveAt() == null ? s.getIncident().getStartedAt() : s.getActiveAt();
        return since.plus(config.incidentQuiet());
    }

    private void seen(Instant at) {
        if (s.getFirstSeenAt() == null || at.isBefore(s.getFirstSeenAt())) {
            s.setFirstSeenAt(at);
        }
        s.setLastSeenAt(later(s.getLastSeenAt(), at));
    }

    private Duration forgetAfter() {
        if (profile().account()) {
            boolean known = !Strangers.isStranger(s) || config.forgetAfter().compareTo(Strangers.KEPT) < 0;
            return known ? config.forgetAfter() : Strangers.KEPT.plus(config.lateness());
        }
        boolean client = profile().client();
        if (!client && SubjectKeys.is(SubjectKeys.CLIENT_NET, s.getSubjectKey())) {
            return NEIGHBOURS_KEPT;
        }
        boolean blank = s.getFailureMinutes() == null && s.getFindings().isEmpty() && s.getSpentUntil() == null;
        if (client && blank) {
            // Failures before a login, or before one that was not answered, may still be under way from another host.
            boolean underWay =
                    !s.getRecentLogins().isEmpty() || !s.getUnansweredLogins().isEmpty();
            Duration known = profile().residents().remembered();
            return !underWay || !known.isZero() ? known : config.lateness().plus(config.lateness());
        }
        boolean shorter = client && config.riskWindow().compareTo(config.forgetAfter()) < 0;
        Duration most = shorter ? config.riskWindow() : config.forgetAfter();
        Duration known = client ? profile().residents().remembered() : Duration.ZERO;
        return known.compareTo(most) > 0 ? known : most;
    }

    /** Each repeated block lasts twice as long as the one before. */
    private Duration ttl(String action) {
        long once = switch (action) {
            case "reject" -> config.ttlReject().toMillis();
            case "defer" -> config.ttlDefer().toMillis();
            default -> config.ttlHold().toMillis();
        };
        // Not by the methods of Duration, which multiply and divide by way of decimals of any length.
        long longest = config.ttlLongest().toMillis();
        int doublings = (int) Math.min(s.getRepeats(), MAX_DOUBLINGS);
        return Duration.ofMillis(once > longest >> doublings ? longest : once << doublings);
    }

    /** What the evidence asks for. Anybody can fail to log in, in any name: for that alone an account is held at most. */
    private String grade() {
        String grade = grade(risk(false));
        if (rank(grade) <= rank("hold") || !profile().account()) {
            return grade;
        }
        String own = grade(weighed(f -> !f.getObserveOnly() && !family(f).equals(SuccessAfterGuessing.ID)));
        return rank(own) > rank("hold") ? own : "hold";
    }

    private String grade(double risk) {
        return risk >= config.riskReject()
                ? "reject"
                : risk >= config.riskDefer() ? "defer" : risk >= config.riskHold() ? "hold" : "observe";
    }

    private static int rank(String action) {
        return List.of("observe", "hold", "defer", "reject").indexOf(action);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a == null || b != null && b.isBefore(a) ? b : a;
    }

    private static Instant later(Instant a, Instant b) {
        return a == null || b.isAfter(a) ? b : a;
    }
}
