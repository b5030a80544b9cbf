package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.RangeHistory;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.AddressRanges;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A guesser who has more than one address: an IPv4 /24, an IPv6 /64, or a /48 whose /64s change. Fast or slow, it is what comes
 * within a day that counts. Only a range is refused in which nobody logged in and no mail was accepted for a month, once the
 * fleet has been watched for long enough to know that.
 *
 * @param failures detectors.guessing-by-range.failures: failed logins from several addresses of a range within a day
 */
record GuessingByRange(long failures) implements Detector {
    private static final double GUESSER = 0.85;
    private static final double OBSERVED = 0.4;

    private static final long SEVERAL = 4;
    /** Providers give each customer a /64 or some of them: it takes more of them to be one guesser's, and more failures. */
    private static final long SEVERAL_LINKS = 10;

    private static final long SITE = 3;

    /** Fewer names may be a telephone with an old password that gets a new address with each connection. */
    private static final long NAMES = 3;

    private static final long FEW_NAMES_TOLD = 2;
    private static final long FEW_NAMES = 3;

    /** Where people live, so many addresses fail, and as many times as usual within an hour, before anybody is told. */
    private static final long CROWD = 10;

    private static final long CROWD_TIMES = 4;
    /** So many failures, each from an address of its own, are no devices' of one link, whoever lives there. */
    private static final long SURELY = 100;

    private static final double EACH_ITS_OWN = 0.7;
    /** More addresses are not remembered. */
    private static final long MANY = 20;

    GuessingByRange(Parameters p) {
        this(p.atLeastOne("detectors.guessing-by-range.failures", 15));
    }

    @Override
    public String id() {
        return "guessing-by-range";
    }

    @Override
    public List<Technique> techniques() {
        return List.of(Technique.BRUTE_FORCE);
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        if (!profile.range() || seen.phase() != Phase.AUTH_FAILED) {
            return Optional.empty();
        }
        Instant at = e.getOccurredAt();
        RangeHistory range = profile.rangeHistory();
        boolean site = AddressRanges.site(profile.subjectKey());
        boolean lived = range.livedIn(at);
        long tried = range.failuresInDay(at);
        long members = profile.guesses().peersInDay(at);
        long limit = failures * (site ? SITE : 1);
        if (tried < limit || members < (site ? SEVERAL_LINKS : lived ? CROWD : SEVERAL)) {
            return Optional.empty();
        }
        boolean few = range.names(at) < NAMES;
        if (lived ? profile.guesses().most(at, 60) < CROWD_TIMES * limit : few && tried < FEW_NAMES_TOLD * limit) {
            return Optional.empty();
        }
        boolean known = range.fleetHasHistory() || surely(profile, tried);
        boolean guesser = !lived && known && !(few && tried < FEW_NAMES * limit);
        String title = tried + " failed logins within a day from " + members + (members < MANY ? "" : " or more")
                + (site ? " networks (/64)" : " addresses") + " of this range"
                + (lived ? ", which is not refused: logins or mail come from there, too" : "");
        return Optional.of(FindingFactory.finding(this, profile, e, guesser ? GUESSER : OBSERVED, title, tried, limit));
    }

    private static boolean surely(Profile profile, long tried) {
        return AddressRanges.link(profile.subjectKey())
                && tried >= SURELY
                && profile.rangeHistory().addresses() >= EACH_ITS_OWN * tried;
    }
}
