package io.postbrake.detection;

import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.util.Optional;

/** An address that guessed and then got in: an opinion on the account that let it in. */
record SuccessAfterGuessing(DetectionConfig config) implements Detector {
    private static final double MANY_ACCOUNTS = 0.92;
    private static final double UNKNOWN_ACCOUNTS = 0.7;
    /** Somebody who mistyped the own password, or a device that had the old one. */
    private static final double OWN_ACCOUNT = 0.4;

    @Override
    public String id() {
        return "success-after-guessing";
    }

    @Override
    public Optional<Finding> on(Profile profile, Submission e) {
        if (!profile.client() || !e.getPhase().equals("ATTEMPT") || e.getAccount() == null) {
            return Optional.empty();
        }
        long failures = profile.failures(e.getOccurredAt(), 60);
        if (failures < config.guessedFailures()) {
            return Optional.empty();
        }
        boolean own = GuessingByAddress.oneAccount(profile)
                && profile.state.getFailurePeers().contains(e.getAccount());
        int guessed = profile.state.getFailurePeers().size();
        double score = own ? OWN_ACCOUNT : guessed > 1 ? MANY_ACCOUNTS : UNKNOWN_ACCOUNTS;
        String title = "Login after " + failures + " failed logins within an hour from the same address";
        return Optional.of(profile.finding(
                        this, e, score, title, failures, config.guessedFailures(), SubjectKeys.account(e.getAccount()))
                .setOriginSubject(profile.state.getSubjectKey())
                .build());
    }
}
