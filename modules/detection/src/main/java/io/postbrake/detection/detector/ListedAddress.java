package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.ListedOn;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Mail from an address that is on a list of the operator's, where the account is not known to be at home. What others say of
 * an address weighs with what is seen of the account and never decides: the lists are others', and owners have VPNs.
 *
 * @param abuse detectors.listed-address.abuse: weight of a list of harmful addresses, in nats
 * @param anonymous detectors.listed-address.anonymous: of one of VPNs, proxies and Tor
 * @param hosting detectors.listed-address.hosting: of one of rented machines
 */
record ListedAddress(double abuse, double anonymous, double hosting) implements Detector {
    /** However many lists: nobody is told of, let alone stopped, for less than three times as much. */
    private static final double MOST = 2;

    private static final int DATE = 10;

    ListedAddress(Parameters p) {
        this(
                p.inside("detectors.listed-address.abuse", 1.5, 0, MOST),
                p.inside("detectors.listed-address.anonymous", 1.5, 0, MOST),
                p.inside("detectors.listed-address.hosting", 1, 0, MOST));
    }

    @Override
    public String id() {
        return "listed-address";
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        List<ListedOn> lists = e.getListed();
        boolean home = seen.history() && seen.settled();
        if (lists == null || lists.isEmpty() || !profile.account() || seen.phase() != Phase.ATTEMPT || home) {
            return Optional.empty();
        }
        // Lists copy from one another: the heaviest counts, and the number of them does not.
        double weight = 0;
        for (ListedOn one : lists) {
            weight = Math.max(weight, weight(one));
        }
        return Optional.of(FindingFactory.weighed(this, profile, e, weight, title(e, lists), lists.size(), 1));
    }

    private double weight(ListedOn one) {
        return switch (one.getKind()) {
            case "anonymous" -> anonymous;
            case "hosting" -> hosting;
            default -> abuse;
        };
    }

    private static String title(Submission e, List<ListedOn> lists) {
        ListedOn first = lists.get(0);
        Instant since = first.getSince();
        return "Mail from " + e.getClientIp() + ", which is on the list " + first.getList() + " (" + first.getKind()
                + ")"
                + (since == null ? "" : " since " + since.toString().substring(0, DATE))
                + (lists.size() == 1 ? "" : " and " + (lists.size() - 1) + " more");
    }
}
