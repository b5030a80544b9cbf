package io.postbrake.detection.decision;

import io.postbrake.detection.detector.SubmissionEvidence;
import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.profile.Networks;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.RangeHistory;
import io.postbrake.detection.profile.SourceNetworks;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.AddressRanges;
import io.postbrake.detection.subject.Phase;
import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an account tells others of itself. The fleet knows whether many send from a network, and the network who else began
 * to: so they hear a few words of an account in its life, not every message.
 */
final class Notices {
    private static final String BLOCKED_THERE = "blocked-there";

    private Notices() {}

    /**
     * To the fleet and to the network of the address, when the account begins to send from there, or began earlier than was
     * said.
     *
     * @param readAtOrNull when the event was read, if that was too late to act on it
     */
    static List<Notice> newNetwork(Profile profile, SubmissionContext seen, @Nullable Instant readAtOrNull) {
        String origin = seen.origin();
        if (origin == null || !profile.beginsFrom(seen)) {
            return List.of();
        }
        Submission e = seen.event();
        boolean asks = profile.asksAbout(origin, e.getOccurredAt());
        boolean corrects = !asks && profile.corrects(origin, e.getOccurredAt());
        if (!asks && !corrects) {
            return List.of();
        }
        List<Notice> all = new ArrayList<>();
        all.add(newNetwork(profile, e, SubjectKeys.FLEET, readAtOrNull, corrects));
        if (SubjectKeys.addressable(e.getClientIp())) {
            String network = SubjectKeys.CLIENT_NET + ":" + Networks.cidr(e.getClientIp());
            all.add(newNetwork(profile, e, network, readAtOrNull, corrects));
        }
        return all;
    }

    private static Notice newNetwork(
            Profile profile, Submission e, String to, @Nullable Instant readAtOrNull, boolean corrects) {
        String text = SubjectKeys.bare(profile.subjectKey()) + " began to send from " + SubmissionEvidence.place(e);
        var id = StableIds.of(
                "finding",
                "new-network",
                to,
                e.getHostId(),
                e.getSourceId(),
                e.getGeneration(),
                e.getPosition(),
                e.getPhase());
        Evidence where = SubmissionEvidence.of(e, text, corrects ? 0 : 1, 1);
        return new Notice.NewNetworkSeen(
                id, profile.subjectKey(), to, e.getOccurredAt(), readAtOrNull, where, corrects);
    }

    /** To the ranges of an address, once a day each: that somebody logged in from there, and that mail without a login came. */
    static List<Notice> livedIn(Profile profile, SubmissionContext seen, @Nullable Instant readAtOrNull) {
        Submission e = seen.event();
        Instant at = e.getOccurredAt();
        boolean login = (seen.phase() == Phase.ATTEMPT || seen.phase() == Phase.LOGIN) && e.getAccount() != null;
        boolean tells = profile.client() && (login || seen.phase() == Phase.ACCEPTED);
        RangeHistory told = profile.rangeHistory();
        // Nearly all mail ends here: which ranges they are costs more than all else of it.
        if (!tells || (login ? told.loginTold(at) : told.mailTold(at))) {
            return List.of();
        }
        List<String> ranges = AddressRanges.around(e.getClientIp());
        if (ranges.isEmpty()) {
            return List.of();
        }
        if (login) {
            told.loggedIn(at);
        } else {
            told.mailed(at);
        }
        List<Notice> all = new ArrayList<>();
        for (String range : ranges) {
            String from = profile.subjectKey();
            all.add(
                    login
                            ? new Notice.LoggedInThere(from, range, at, readAtOrNull)
                            : new Notice.MailedThere(from, range, at, readAtOrNull));
        }
        return all;
    }

    /** To the address nearby that the account logs in from, once a day. */
    static Optional<Notice> nearby(Profile profile, SubmissionContext seen, @Nullable Instant readAtOrNull) {
        Submission e = seen.event();
        return profile.account() && seen.phase() == Phase.ATTEMPT
                ? profile.frontEnds()
                        .tells(e)
                        .map(to -> new Notice.LoggedInThere(profile.subjectKey(), to, e.getOccurredAt(), readAtOrNull))
                : Optional.empty();
    }

    /** From a public address to the account that logs in there, when so many others do that it is nobody's. */
    static Optional<Notice> manyDomains(Profile profile, SubmissionContext seen, @Nullable Instant readAtOrNull) {
        Submission e = seen.event();
        boolean tells = profile.client()
                && seen.phase() == Phase.ATTEMPT
                && e.getAccount() != null
                && profile.residents().manyDomains(e.getOccurredAt());
        return tells
                ? Optional.of(new Notice.ManyLogInThere(
                        profile.subjectKey(), SubjectKeys.account(e.getAccount()), e.getOccurredAt(), readAtOrNull))
                : Optional.empty();
    }

    /** To the network of an address, of a block because of this finding; empty when it goes to none. */
    static Optional<Notice> blockedThere(Profile profile, Finding because) {
        Evidence where =
                because.getEvidence().isEmpty() ? null : because.getEvidence().get(0);
        if (!profile.account() || where == null || !SubjectKeys.addressable(where.getClientIp())) {
            return Optional.empty();
        }
        String origin = SourceNetworks.name(where.getAsn(), where.getCountry(), where.getClientIp());
        if (profile.origins().settled(origin, because.getOccurredAt())) {
            return Optional.empty();
        }
        String network = Networks.cidr(where.getClientIp());
        return Optional.of(new Notice.BlockedThere(
                StableIds.of(BLOCKED_THERE, network, because.getFindingId()),
                profile.subjectKey(),
                SubjectKeys.CLIENT_NET + ":" + network,
                because.getOccurredAt(),
                because.getReadAt(),
                because.getHostId(),
                because.getEvidence()));
    }
}
