package io.postbrake.detection.decision;

import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.detector.Risk;
import io.postbrake.detection.detector.SharedNetwork;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.profile.RangeHistory;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.state.Newcomer;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A network of addresses: which accounts lately began to send from there. Several within a day, or one that was blocked for
 * what it did there, raise the risk of all of them: one thief uses many accounts from one network.
 */
final class NetworkReducer implements Reducer {
    private static final int MAX = 20;
    private static final int ENOUGH = 3;
    private static final Duration TOGETHER = Duration.ofDays(1);
    private static final Duration RESIDENT = Duration.ofDays(2);
    /** How long newcomers are remembered after the newest of them. */
    static final Duration NEIGHBOURS_KEPT = Duration.ofDays(8);

    private static final Duration REMEMBERED = Duration.ofDays(7);
    private static final double SEVERAL = 2;
    private static final double BLOCKED = 4.5;

    private final SubjectState state;
    private final DetectionConfig config;
    private final SharedNetwork shared;
    /** Time passes for a network, and operators have words on it, as for an address. */
    private final AccountReducer subject;

    private final RangeHistory range;

    NetworkReducer(SubjectState state, DetectionConfig config, Brake brake) {
        this.state = state;
        this.config = config;
        this.shared = config.detectors().only(SharedNetwork.class);
        this.subject = new AccountReducer(state, config, brake);
        this.range = new RangeHistory(state);
    }

    @Override
    public void take(Input in) {
        if (in instanceof Input.Notified news) {
            subject.arrives(news.notice());
            if (subject.isForgotten(news.notice().at())) {
                return;
            }
            if (news.notice() instanceof Notice.LoggedInThere login) {
                range.loggedIn(login.at());
            } else if (news.notice() instanceof Notice.MailedThere mail) {
                range.mailed(mail.at());
            } else if (news.notice() instanceof Notice.FleetHasHistory known) {
                range.fleetHasHistory(known.at());
            } else if (news.notice() instanceof Notice.NewNetworkSeen seen) {
                newcomer(seen, false);
                if (!seen.corrects() && seen.where() != null) {
                    tell(seen, seen.id(), seen.where(), seen.where().getHostId());
                }
            } else if (news.notice() instanceof Notice.BlockedThere blocked) {
                newcomer(blocked, true);
                if (!blocked.evidence().isEmpty()) {
                    tell(blocked, blocked.id(), blocked.evidence().get(0), blocked.hostId());
                }
            }
        } else {
            subject.take(in);
            if (in instanceof Input.Activity failure && !state.getFindings().isEmpty()) {
                ask(failure.submission());
            }
        }
    }

    /** Before a range is refused the fleet must know where its accounts log in from. */
    private void ask(Submission failure) {
        if (range.asks(failure.getOccurredAt())) {
            subject.sends(new Notice.HistoryAsked(state.getSubjectKey(), failure.getOccurredAt(), null));
        }
    }

    @Override
    public SubjectOutput outputs() {
        return subject.outputs();
    }

    @Override
    public @Nullable Instant deadline() {
        return subject.deadline();
    }

    private void newcomer(Notice notice, boolean blocked) {
        Instant at = notice.at();
        String account = notice.from();
        range.newcomer(at, NEIGHBOURS_KEPT);
        List<Newcomer> all = state.getNewcomers();
        Newcomer known = all.stream()
                .filter(n -> n.getAccount().equals(account))
                .findFirst()
                .orElse(null);
        if (known != null) {
            all.remove(known);
        }
        boolean before = known != null && known.getBlocked();
        Instant began = known != null && known.getAt().isBefore(at) && !blocked ? known.getAt() : at;
        all.add(new Newcomer(account, began, before || blocked));
        if (known == null) {
            state.setMessages(state.getMessages() + 1);
        }
        all.removeIf(n -> n.getAt().isBefore(at.minus(REMEMBERED)));
        all.sort(Comparator.comparing(Newcomer::getAt).thenComparing(Newcomer::getAccount));
        if (all.size() > MAX) {
            all.remove(0);
        }
    }

    /** What others have to know when an account begins to send from here, or is blocked for it. */
    private void tell(Notice notice, UUID id, Evidence where, @Nullable String hostId) {
        Instant at = notice.at();
        List<Newcomer> together = state.getNewcomers().stream()
                .filter(n -> n.getAt().isAfter(at.minus(TOGETHER)))
                .toList();
        List<Newcomer> blocked =
                state.getNewcomers().stream().filter(Newcomer::getBlocked).toList();
        long lately = state.getNewcomers().stream()
                .filter(n -> n.getBlocked() || n.getAt().isAfter(at.minus(RESIDENT)))
                .count();
        // An office or a carrier: whoever has been there for long is no thief's.
        long residents = state.getMessages() - lately;
        boolean several = together.size() >= ENOUGH && together.size() > residents;
        if (!several && blocked.size() <= residents) {
            return;
        }
        for (Newcomer n : state.getNewcomers()) {
            boolean other = blocked.size() > residents
                    && blocked.stream().anyMatch(b -> !b.getAccount().equals(n.getAccount()));
            if (!other && !(several && together.contains(n))) {
                continue;
            }
            String title = other
                    ? "What another account sent from " + SubjectKeys.bare(state.getSubjectKey())
                            + " was reason to block it"
                    : together.size() + " accounts began to send from " + SubjectKeys.bare(state.getSubjectKey())
                            + " within a day";
            Evidence evidence = Evidence.newBuilder(where)
                    .setText(title)
                    .setValue((double) together.size())
                    .setLimit((double) ENOUGH)
                    .build();
            subject.tells(opinion(n.getAccount(), notice, id, evidence, hostId, other ? BLOCKED : SEVERAL));
        }
    }

    private Finding opinion(
            String account, Notice notice, UUID id, Evidence evidence, @Nullable String hostId, double weight) {
        boolean dryRun = config.dryRun().contains(shared.id());
        return Finding.newBuilder()
                .setFindingId(StableIds.of("finding", shared.id(), account, id))
                .setSubject(SubjectKeys.bare(account))
                .setSubjectType(SubjectKeys.type(account))
                .setDetector(shared.id())
                .setScore(Risk.score(weight, config.profile().prior()))
                .setObserveOnly(dryRun)
                .setDryRun(dryRun)
                .setTitle(evidence.getText())
                .setOccurredAt(notice.at())
                .setReadAt(notice.readAt())
                .setHostId(hostId)
                .setOriginSubject(state.getSubjectKey())
                .setEvidence(List.of(evidence))
                .build();
    }
}
