package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An address that guessed and then got in: an opinion on the account that let it in.
 *
 * @param failures detectors.success-after-guessing.failures: failed logins within an hour
 */
public record SuccessAfterGuessing(long failures) implements Detector {
    private static final double MANY_ACCOUNTS = 0.92;
    private static final double UNKNOWN_ACCOUNTS = 0.7;
    /** Names that failed; with fewer it may be a colleague's device that has an old password. */
    private static final int MANY = 3;
    /** Somebody who mistyped the own password, a device that had the old one, or whoever logs in there for days. */
    private static final double OWN_WEIGHT = 2;

    private static final double FEW_WEIGHT = 3;

    SuccessAfterGuessing(Parameters p) {
        this(failures(p));
    }

    /** How many failed logins before a success are no typing errors. */
    static long failures(Parameters p) {
        return p.atLeastOne("detectors.success-after-guessing.failures", 5);
    }

    @Override
    public String id() {
        return "success-after-guessing";
    }

    @Override
    public Family family() {
        return Family.GUESSED;
    }

    @Override
    public List<Technique> techniques() {
        return List.of(Technique.VALID_ACCOUNTS, Technique.BRUTE_FORCE);
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        return all(profile, seen).stream().findFirst();
    }

    @Override
    public List<Finding> all(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        if (!profile.client()) {
            return List.of();
        }
        return switch (seen.phase()) {
            case ATTEMPT, LOGIN ->
                e.getAccount() == null
                        ? List.of()
                        : login(profile, e).map(List::of).orElse(List.of());
            // A failure on another host may be heard of after the login that it came before.
            case AUTH_FAILED, AUTH_UNANSWERED ->
                profile.recentLogins().isEmpty()
                        ? List.of()
                        : profile.recentLogins().stream()
                                .filter(l -> !l.getOccurredAt().isBefore(e.getOccurredAt()))
                                .flatMap(l -> login(profile, l).stream())
                                .toList();
            default -> List.of();
        };
    }

    private Optional<Finding> login(Profile profile, Submission login) {
        Instant at = login.getOccurredAt();
        long failed = profile.guesses().before(at);
        if (failed < failures) {
            return Optional.empty();
        }
        List<String> guessed = profile.guesses().peers(at);
        boolean own = (guessed.size() == 1 && login.getAccount().equals(guessed.get(0)))
                || profile.residents().livesHere(login.getAccount(), at);
        long names = guessed.stream().filter(name -> name != null).count();
        double score = own
                ? Risk.score(OWN_WEIGHT, profile.config().prior())
                : names >= MANY
                        ? MANY_ACCOUNTS
                        : names > 0 ? Risk.score(FEW_WEIGHT, profile.config().prior()) : UNKNOWN_ACCOUNTS;
        String title = "Login after " + failed + " failed logins within an hour from the same address";
        return Optional.of(FindingFactory.about(
                        SubjectKeys.account(login.getAccount()), this, login, score, title, failed, failures)
                .setOriginSubject(profile.subjectKey())
                // Devices with an old password ask for mail all day long, beside everybody else who lives there.
                .setObserveOnly(
                        Phase.of(login) == Phase.LOGIN && profile.residents().any(at))
                .build());
    }
}
