package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.alert.Attack;
import io.postbrake.alert.HeldMail;
import io.postbrake.block.Block;
import io.postbrake.block.EnforcementReport;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
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
import org.jspecify.annotations.Nullable;

/** A subject's incident from its first alert to its last: when it opens, which of its states are published, and when it is over. */
final class IncidentLifecycle {
    static final int MAX_HOSTS = 100;
    private static final int MAX_RESOLVED = 20;
    private static final double MATERIAL = 0.1;
    /** So many states are published as they come, later ones that change neither severity nor action once a minute at most. */
    private static final int AT_ONCE = 10;

    private static final Duration LATER_EVERY = Duration.ofMinutes(1);

    private final DecisionContext context;
    private final SubjectState s;
    private final DetectionConfig config;
    private final PastJudgement past;
    private final EvidenceLedger ledger;

    IncidentLifecycle(DecisionContext context, EvidenceLedger ledger) {
        this.context = context;
        this.s = context.state();
        this.config = context.config();
        this.past = context.past();
        this.ledger = ledger;
    }

    void open(Finding first) {
        Alert ongoing = past.judging() ? null : past.goesOn(first.getOccurredAt());
        s.setIncident(ongoing == null ? opened(first) : ongoing);
        if (past.judging()) {
            past.opened(context.readAt());
        }
    }

    Alert opened(Finding first) {
        var id = StableIds.of("incident", s.getSubjectKey(), first.getFindingId());
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
                .setUpdatedAt(context.now())
                .setAction(Actions.OBSERVE)
                .setEvidence(ledger.evidence())
                .setTechnique(ledger.attacks(List.of(first.getDetector())).stream()
                        .map(Attack::getTechniqueId)
                        .findFirst()
                        .orElse(""))
                .setRunbook(config.alert().runbooks() + runbook())
                .build();
    }

    /** Publishes the incident's new state if it differs enough from the last one; what may wait is published in turns. */
    void publishIfChanged(String what, double risk) {
        Alert known = s.getIncident();
        if (past.judging()) {
            rememberWorst(known, what, risk);
            return;
        }
        boolean urgent = known.getState().isEmpty()
                || !severity().equals(known.getSeverity())
                || !action().equals(known.getAction())
                || !Objects.equals(dryRunAction(ledger.grade()), known.getDryRunAction());
        boolean material = ledger.hasMore() || namesMore(known) || Math.abs(risk - known.getScore()) >= MATERIAL;
        if (urgent || (material && mayPublish())) {
            publishNow(what, risk);
        }
    }

    /** What would have been published of the incident at its worst. */
    void rememberWorst(Alert incident, String what, double risk) {
        incident.setDetectors(names(incident));
        incident.setUpdatedAt(context.now());
        if (Actions.rank(action()) > Actions.rank(incident.getAction())) {
            incident.setAction(action());
            incident.setDescription(what);
            ledger.collectCounted();
        }
        incident.setScore(Math.max(incident.getScore(), risk));
    }

    void publishNow(String what, double risk) {
        Alert known = s.getIncident();
        publish(known.getState().isEmpty() ? "FIRING" : "UPDATED", what, risk, severity(), action(), names(known));
    }

    /** Whether one more state may be published now; otherwise what changed is published when it may. */
    boolean mayPublish() {
        Alert known = s.getIncident();
        Instant next = known.getUpdatedAt().plus(LATER_EVERY);
        if (known.getRevision() < AT_ONCE || !context.now().isBefore(next)) {
            return true;
        }
        s.setTellAt(next);
        return false;
    }

    private boolean namesMore(Alert known) {
        for (Finding found : s.getFindings()) {
            if (context.concernsThis(found) && !known.getDetectors().contains(found.getDetector())) {
                return true;
            }
        }
        return false;
    }

    List<String> names(Alert known) {
        Set<String> names = new TreeSet<>(known.getDetectors());
        s.getFindings().stream().filter(context::concernsThis).forEach(f -> names.add(f.getDetector()));
        return new ArrayList<>(names);
    }

    String severity() {
        return Severity.of(
                ledger.grade(),
                () -> ledger.techniques(names(s.getIncident())),
                SubjectKeys.type(s.getSubjectKey()),
                config.alert().severity());
    }

    String action() {
        return s.getBlock() == null ? Actions.OBSERVE : s.getBlock().getAction();
    }

    String newestTitle() {
        return s.getFindings().stream()
                .filter(context::concernsThis)
                .max(Comparator.comparing(Finding::getOccurredAt))
                .map(Finding::getTitle)
                .orElse("Hosts that refused by its block so far: "
                        + s.getIncident().getConfirmedHosts().size());
    }

    /** Publishes the incident whatever the risk is now. */
    void publishUpdate(String what) {
        Alert known = s.getIncident();
        if (known != null && !past.judging()) {
            publish("UPDATED", what, known.getScore(), known.getSeverity(), action(), known.getDetectors());
        }
    }

    /** What would be done if the detectors on dry run counted; null when it is no more than {@code grade}. */
    @Nullable
    String dryRunAction(String grade) {
        if (watching(grade)) {
            return grade;
        }
        if (s.getFindings().stream().noneMatch(Finding::getDryRun)) {
            return null;
        }
        String dry = ledger.grade(ledger.weighed(f -> f.getDryRun() || !f.getObserveOnly()));
        return Actions.rank(dry) > Actions.rank(grade) && !context.allowed() ? dry : null;
    }

    void publish(String state, String what, double risk, String severity, String action, List<String> names) {
        Block block = s.getBlock();
        String dry = dryRunAction(ledger.grade());
        Alert known = s.getIncident();
        Alert alert = ShallowCopy.copy(known, new Alert());
        alert.setState(state);
        alert.setRevision(known.getRevision() + 1);
        alert.setLastEvidenceAt(EvidenceLedger.newest(known.getEvidence()));
        alert.setActionSince(
                action.equals(known.getAction()) && known.getRevision() > 0 ? known.getActionSince() : context.now());
        alert.setAttacks(ledger.attacks(names));
        alert.setSeverity(severity);
        alert.setDescription(what
                + (block == null ? "" : "; " + action + " until " + block.getEndsAt())
                + (block == null || block.getOnlyHost() == null ? "" : ", on " + block.getOnlyHost() + " alone")
                + (dry == null ? "" : "; would " + dry + ", but " + butFor(dry))
                + (heldBack() ? "; would " + ledger.grade() + ", but the brake is on" : ""));
        alert.setDryRunAction(dry);
        alert.setScore(risk);
        alert.setDetectors(names);
        alert.setUpdatedAt(context.now());
        alert.setAction(action);
        alert.setActionUntil(block == null ? null : block.getEndsAt());
        alert.setBlockId(block == null ? null : block.getBlockId().toString());
        alert.setReference(block == null ? null : block.getReference());
        alert.setTitle(AlertSentence.open(alert, why(), block == null ? null : block.getOnlyHost()));
        s.setIncident(alert);
        s.setTellAt(null);
        // A copy: the state's own one changes in later turns only, but this turn may add to it.
        context.alerts().add(ShallowCopy.copy(alert, new Alert()));
    }

    /** What the block rests on, or the heaviest finding; when none counts any more, what the incident began with. */
    private String why() {
        if (s.getBlock() != null) {
            return s.getBlock().getReason();
        }
        return s.getFindings().stream()
                .filter(context::concernsThis)
                .max(Comparator.comparingDouble(Finding::getScore))
                .map(Finding::getTitle)
                .or(() -> s.getIncident().getEvidence().stream()
                        .map(Evidence::getText)
                        .findFirst())
                .orElse("suspicious mail");
    }

    private String runbook() {
        return context.profile().account()
                ? "stolen-account.md"
                : context.profile().withoutLogin() ? "without-login.md" : "address.md";
    }

    /** Whether what the evidence asks for is not done because nothing is blocked yet. */
    private boolean watching(String grade) {
        return config.watches(context.now()) && Actions.rank(grade) > Actions.rank(action()) && !context.allowed();
    }

    private String butFor(String dry) {
        return watching(dry) ? "nothing is blocked before " + config.enforceFrom() : "for detectors on dry run";
    }

    boolean heldBack() {
        String most = config.brake().enabled()
                ? context.brake().most(SubjectKeys.type(s.getSubjectKey()), new SingleHost(context).id(), context.now())
                : null;
        return most != null && Actions.rank(ledger.grade()) > Actions.rank(action()) && !context.allowed();
    }

    void resolve(String resolution, @Nullable String by, String description) {
        if (past.judging()) {
            past.closed(context.readAt()).ifPresent(context.notices()::add);
            s.setTellAt(null);
            return;
        }
        Alert open = s.getIncident();
        boolean acted = !open.getAction().equals(Actions.OBSERVE);
        Alert resolved = ShallowCopy.copy(open, new Alert());
        resolved.setState("RESOLVED");
        resolved.setRevision(open.getRevision() + 1);
        resolved.setAction(Actions.OBSERVE);
        resolved.setActionSince(acted ? context.now() : open.getActionSince());
        resolved.setActionUntil(null);
        resolved.setDryRunAction(null);
        resolved.setUpdatedAt(context.now());
        resolved.setEndedAt(context.now());
        resolved.setResolution(resolution);
        resolved.setResolvedBy(by);
        resolved.setDescription(description);
        resolved.setTitle(AlertSentence.over(resolved, why(), description));
        context.alerts().add(resolved);
        s.setIncident(null);
        s.setTellAt(null);
        s.getResolved().add(new ResolvedIncident(resolved.getIncidentId().toString(), context.now()));
    }

    boolean forgets(ResolvedIncident first) {
        return s.getResolved().size() > MAX_RESOLVED
                || !context.now().isBefore(first.getAt().plus(config.alert().keep()));
    }

    Instant quietAt() {
        Instant since = s.getActiveAt() == null ? s.getIncident().getStartedAt() : s.getActiveAt();
        return since.plus(config.alert().quiet());
    }

    /** A host tells how much of the account's mail waits there: worth publishing when it is another number. */
    void waiting(EnforcementReport report) {
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
            publishUpdate(mail.getHeld() + " waiting messages are held on " + mail.getHostId() + ", "
                    + mail.getReleased() + " were released, " + mail.getDeleted() + " deleted");
        }
    }

    /** Publishes what waited for its turn, and forgets alerts that ended long ago. */
    void pass(boolean blockEnded) {
        if (s.getIncident() != null && s.getBlock() == null && !context.now().isBefore(quietAt())) {
            resolve("quiet", null, "Quiet since " + s.getActiveAt());
        } else if (blockEnded) {
            publishUpdate("The block has ended");
        } else if (s.getTellAt() != null && !context.now().isBefore(s.getTellAt())) {
            publishNow(newestTitle(), ledger.risk(true));
        }
        while (!s.getResolved().isEmpty() && forgets(s.getResolved().get(0))) {
            context.forgotten().add(s.getResolved().remove(0).getIncidentId());
        }
    }
}
