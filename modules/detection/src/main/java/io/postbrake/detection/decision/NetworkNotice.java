package io.postbrake.detection.decision;

import io.postbrake.detection.profile.Networks;
import io.postbrake.detection.profile.Origins;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.subject.Ids;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import java.util.Optional;

/** What the neighbourhood of an address has to know: an account was blocked for what it did there as a stranger. */
final class NetworkNotice {
    static final String BLOCKED_THERE = "blocked-there";

    private NetworkNotice() {}

    /** The notice of a block because of this finding; empty when no neighbourhood is to be told. */
    static Optional<Finding> blocked(Profile profile, Finding because) {
        Evidence where =
                because.getEvidence().isEmpty() ? null : because.getEvidence().get(0);
        boolean known = where != null && SubjectKeys.addressable(where.getClientIp());
        if (!profile.account() || !known) {
            return Optional.empty();
        }
        String origin = Origins.name(where.getAsn(), where.getCountry(), where.getClientIp());
        if (profile.origins().settled(origin, because.getOccurredAt())) {
            return Optional.empty();
        }
        String net = Networks.cidr(where.getClientIp());
        return Optional.of(Finding.newBuilder(because)
                .setFindingId(Ids.of(BLOCKED_THERE, net, because.getFindingId()))
                .setSubject(net)
                .setSubjectType(SubjectKeys.CLIENT_NET)
                .setDetector(BLOCKED_THERE)
                .setScore(0)
                .setObserveOnly(true)
                .setTitle("An account was blocked for what it sent from here")
                .setOriginSubject(profile.subjectKey())
                .build());
    }
}
