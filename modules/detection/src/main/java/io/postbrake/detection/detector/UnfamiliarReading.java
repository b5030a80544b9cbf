package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.MailboxUse;
import io.postbrake.detection.profile.Places;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.state.Place;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A login without mail from where the mailbox was never read: a thief reads before he sends. Owners travel, and add a
 * telephone or a provider that fetches their mail, so that it is told and blocks nobody unless that was chosen.
 *
 * @param travel how far one gets in a time
 * @param holds detectors.unfamiliar-reading.hold: whether a login from where the owner cannot be, beside the use at home, holds the
 *     account's mail, so that hosts which are set up to do so narrow its mailbox to its home
 */
record UnfamiliarReading(ImpossibleTravel travel, boolean holds) implements Detector {
    UnfamiliarReading(Parameters p) {
        this(new ImpossibleTravel(p), p.yes("detectors.unfamiliar-reading.hold", false));
    }

    private static final double LEAST = 1.5;
    /** Somebody is at home meanwhile, so that not the owner alone has moved. */
    private static final double BESIDE = 4;

    private static final double MOST = 8;
    /** A telephone comes from a few networks on one day. */
    private static final long USUAL_NETWORKS = 3;

    private static final double EACH_NETWORK = 1.5;

    @Override
    public String id() {
        return "unfamiliar-reading";
    }

    @Override
    public Family family() {
        return Family.USE;
    }

    /** Whoever reads has sent nothing yet: what there is can wait. */
    @Override
    public boolean holdsAtMost() {
        return true;
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        String origin = seen.origin();
        if (!profile.account() || seen.phase() != Phase.LOGIN || origin == null) {
            return Optional.empty();
        }
        Instant at = e.getOccurredAt();
        MailboxUse mailbox = profile.mailbox();
        boolean home = mailbox.home(origin, at)
                || (profile.experienced() && profile.origins().settled(origin, at));
        if (home || !mailbox.history(at) || SubjectKeys.nearby(e.getClientIp()) || !mailbox.tells(origin, at)) {
            return Optional.empty();
        }
        double weight = mailbox.strangeness(origin, at);
        String text = "Mailbox read from " + SubmissionEvidence.place(e) + " for the first time";
        String trip = beside(profile, e);
        if (trip != null) {
            weight += BESIDE;
            text += ", " + trip + " after it was used at home";
        }
        long networks = mailbox.strangeSince(origin, at);
        double many = networks > USUAL_NETWORKS ? EACH_NETWORK * (networks - USUAL_NETWORKS) : 0;
        if (many > weight) {
            weight = many;
            text = "Mailbox read from " + networks + " new networks within two days";
        }
        if (weight < LEAST) {
            return Optional.empty();
        }
        Finding finding = FindingFactory.weighed(this, profile, e, Math.min(MOST, weight), text, weight, LEAST);
        finding.setObserveOnly(!holds || trip == null);
        return Optional.of(finding);
    }

    /** The distance to where the account was used at home too short before; null when it could have been gone. */
    private @Nullable String beside(Profile profile, Submission e) {
        Place here = Places.of(e);
        for (Place last : new Place[] {profile.mailbox().lastPlace(), profile.lastPlace()}) {
            boolean home = last != null
                    && (profile.mailbox().home(last.getOrigin(), last.getAt())
                            || (profile.experienced() && profile.origins().settled(last.getOrigin(), last.getAt())));
            if (home && here != null && travel.impossible(last, here)) {
                return NumberFormats.whole(ImpossibleTravel.hours(last, here) * 60) + " min";
            }
        }
        return null;
    }
}
