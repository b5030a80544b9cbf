package io.postbrake.detection.detector;

import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Mail of a client that did not log in leaves for another server: mynetworks may be too wide. */
record UnauthenticatedRelay() implements Detector {
    /** Forwarding looks the same: a finding, but no incident by itself. */
    private static final double SCORE = 0.25;
    /** The address and port that only smtp and networked lmtp log; the port tells them apart. */
    private static final Pattern REMOTE = Pattern.compile("\\[([0-9a-fA-F.:]+)]:(?:25|465|587)$");

    @Override
    public String id() {
        return "unauthenticated-relay";
    }

    @Override
    public List<Technique> techniques() {
        return List.of();
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        boolean outcome = seen.phase() == Phase.OUTCOME && e.getAccount() == null && e.getRelay() != null;
        if (!profile.client() || !outcome) {
            return Optional.empty();
        }
        Matcher remote = REMOTE.matcher(e.getRelay());
        if (!remote.find() || SubjectKeys.loopback(remote.group(1))) {
            return Optional.empty();
        }
        return Optional.of(FindingFactory.about(
                        profile.subjectKey(), this, e, SCORE, "Mail without login left to " + e.getRelay(), 1, 0)
                .setObserveOnly(true)
                .build());
    }
}
