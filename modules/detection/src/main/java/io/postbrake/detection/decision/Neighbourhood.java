package io.postbrake.detection.decision;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.detector.NewNetwork;
import io.postbrake.detection.detector.Risk;
import io.postbrake.detection.detector.SharedNetwork;
import io.postbrake.detection.subject.Ids;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.state.Newcomer;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Accounts that lately began to send from one neighbourhood of addresses. Several within a day, or one that was blocked for
 * what it did there, raise the risk of all of them: one thief uses many accounts from one network.
 */
final class Neighbourhood {
    private static final int MAX = 20;
    private static final int ENOUGH = 3;
    private static final Duration TOGETHER = Duration.ofDays(1);
    private static final Duration RESIDENT = Duration.ofDays(2);
    private static final Duration REMEMBERED = Duration.ofDays(7);
    private static final double SEVERAL = 2;
    private static final double BLOCKED = 4.5;
    private final SubjectState state;
    private final DetectionConfig config;

    Neighbourhood(SubjectState state, DetectionConfig config) {
        this.state = state;
        this.config = config;
    }

    /** What others have to know when an account begins to send from here, or is blocked for it. */
    List<Finding> told(Finding news) {
        Instant at = news.getOccurredAt();
        String account = news.getOriginSubject();
        boolean blocked = news.getDetector().equals(NetworkNotice.BLOCKED_THERE);
        List<Newcomer> all = state.getNewcomers();
        Newcomer known = all.stream()
                .filter(n -> n.getAccount().equals(account))
                .findFirst()
                .orElse(null);
        if (known != null) {
            all.remove(known);
        }
        boolean before = known != null && known.getBlocked();
        boolean earlier = known != null && known.getAt().isBefore(at) && !blocked;
        all.add(new Newcomer(account, earlier ? known.getAt() : at, before || blocked));
        if (known == null) {
            state.setMessages(state.getMessages() + 1);
        }
        all.removeIf(n -> n.getAt().isBefore(at.minus(REMEMBERED)));
        all.sort(Comparator.comparing(Newcomer::getAt).thenComparing(Newcomer::getAccount));
        if (all.size() > MAX) {
            all.remove(0);
        }
        boolean corrects = news.getDetector().equals(NewNetwork.ID)
                && !news.getEvidence().isEmpty()
                && NewNetwork.corrects(news.getEvidence().get(0));
        return corrects ? List.of() : opinions(news, at);
    }

    private List<Finding> opinions(Finding news, Instant at) {
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
        List<Finding> opinions = new ArrayList<>();
        if (news.getEvidence().isEmpty() || (!several && blocked.size() <= residents)) {
            return opinions;
        }
        for (Newcomer n : state.getNewcomers()) {
            boolean other = blocked.size() > residents
                    && blocked.stream().anyMatch(b -> !b.getAccount().equals(n.getAccount()));
            if (!other && !(several && together.contains(n))) {
                continue;
            }
            String title = other
                    ? "Another account was blocked for what it sent from " + SubjectKeys.bare(state.getSubjectKey())
                    : together.size() + " accounts began to send from " + SubjectKeys.bare(state.getSubjectKey())
                            + " within a day";
            opinions.add(opinion(n.getAccount(), news, title, other ? BLOCKED : SEVERAL, together.size()));
        }
        return opinions;
    }

    private Finding opinion(String account, Finding news, String title, double weight, int accounts) {
        Evidence evidence = Evidence.newBuilder(news.getEvidence().get(0))
                .setText(title)
                .setValue((double) accounts)
                .setLimit((double) ENOUGH)
                .build();
        return Finding.newBuilder()
                .setFindingId(Ids.of("finding", SharedNetwork.ID, account, news.getFindingId()))
                .setSubject(SubjectKeys.bare(account))
                .setSubjectType(SubjectKeys.type(account))
                .setDetector(SharedNetwork.ID)
                .setScore(Risk.score(weight, config.profile().prior()))
                .setObserveOnly(config.dryRun().contains(SharedNetwork.ID))
                .setDryRun(config.dryRun().contains(SharedNetwork.ID))
                .setTitle(title)
                .setOccurredAt(news.getOccurredAt())
                .setReadAt(news.getReadAt())
                .setHostId(news.getHostId())
                .setOriginSubject(state.getSubjectKey())
                .setEvidence(List.of(evidence))
                .build();
    }
}
