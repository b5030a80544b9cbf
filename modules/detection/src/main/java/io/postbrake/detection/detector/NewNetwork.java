package io.postbrake.detection.detector;

import io.postbrake.detection.profile.Networks;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An operator's network that the account did not send from before. It weighs by how strange it is, and it is told to the
 * fleet, which knows whether many send from there, and to the neighbourhood of the address, which knows who else began to.
 */
public record NewNetwork() implements Detector {
    public static final String ID = "new-network";
    private static final double LEAST = 1.5;

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String family() {
        return Detector.USE;
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        return all(profile, seen).stream().findFirst();
    }

    @Override
    public List<Finding> all(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        // A message's place may have become known only after its login, when a file of places was renewed.
        boolean accepted = e.getPhase().equals("ACCEPTED");
        if (!profile.account() || !(accepted || e.getPhase().equals("ATTEMPT"))) {
            return List.of();
        }
        String name = seen.origin();
        if (name == null || (accepted && profile.origins().knows(name))) {
            return List.of();
        }
        double weight = profile.strangeness(seen);
        boolean asks = profile.asksAbout(name, e.getOccurredAt());
        boolean corrects = !asks && profile.corrects(name, e.getOccurredAt());
        if (weight < LEAST && !asks && !corrects) {
            return List.of();
        }
        List<Finding> all = new ArrayList<>();
        if (weight >= LEAST) {
            all.add(FindingFactory.weighed(
                    this, profile, e, weight, "Mail from a new network, " + FindingFactory.place(e), weight, LEAST));
        }
        if (asks || corrects) {
            String news = profile.subjectKey().substring(SubjectKeys.SASL_USER.length() + 1) + " began to send from "
                    + FindingFactory.place(e);
            all.add(tell(profile, e, news, asks, SubjectKeys.FLEET));
            if (SubjectKeys.addressable(e.getClientIp())) {
                all.add(tell(profile, e, news, asks, SubjectKeys.CLIENT_NET + ":" + Networks.cidr(e.getClientIp())));
            }
        }
        return all;
    }

    /** Whether this corrects the time of something that was told: it was answered. */
    public static boolean corrects(Evidence told) {
        return told.getValue() != null && told.getValue() == 0;
    }

    /** What is told anew, because an earlier attempt arrived later, has no value: it corrects the time and counts no more. */
    private Finding tell(Profile profile, Submission e, String news, boolean counts, String key) {
        return FindingFactory.about(key, this, e, 0, news, counts ? 1 : 0, 1)
                .setObserveOnly(true)
                .setOriginSubject(profile.subjectKey())
                .build();
    }
}
