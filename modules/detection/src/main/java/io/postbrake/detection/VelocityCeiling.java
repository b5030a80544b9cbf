package io.postbrake.detection;

import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Fixed quotas per account, whatever is normal for it. */
record VelocityCeiling(DetectionConfig config) implements Detector {
    private static final double SCORE = 0.85;

    @Override
    public String id() {
        return "velocity-ceiling";
    }

    @Override
    public List<Technique> techniques() {
        return List.of(Technique.VALID_ACCOUNTS, Technique.EMAIL_ACCOUNTS);
    }

    @Override
    public Optional<Finding> on(Profile profile, Submission e) {
        if (!profile.account() || !e.getPhase().equals("ACCEPTED")) {
            return Optional.empty();
        }
        Instant at = e.getOccurredAt();
        return over(profile, e, profile.messagesInHour(at), config.messagesPerHour(), "messages in an hour")
                .or(() -> over(profile, e, profile.messagesInDay(at), config.messagesPerDay(), "messages in a day"))
                .or(() -> over(
                        profile, e, profile.recipientsInHour(at), config.recipientsPerHour(), "recipients in an hour"))
                .or(() -> over(
                        profile, e, profile.recipientsInDay(at), config.recipientsPerDay(), "recipients in a day"));
    }

    private Optional<Finding> over(Profile profile, Submission e, long count, long limit, String what) {
        return count < limit
                ? Optional.empty()
                : Optional.of(profile.finding(
                        this, e, SCORE, count + " " + what + " reach the ceiling of " + limit, count, limit));
    }
}
