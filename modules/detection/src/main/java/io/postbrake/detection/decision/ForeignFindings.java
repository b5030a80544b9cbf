package io.postbrake.detection.decision;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.detector.NewCountryForFleet;
import io.postbrake.detection.detector.Risk;
import io.postbrake.detection.detector.SharedNetwork;
import io.postbrake.detection.detector.SuccessAfterGuessing;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SourceNetworks;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import org.jspecify.annotations.Nullable;

/** What findings of other subjects are worth to this one: its own history counts for more than what others say of a place. */
final class ForeignFindings {
    /** Weight of failed logins of others where the account is at home. */
    private static final double AT_HOME = 1;

    private static final double NEIGHBOURS_OF_NEW = 2;
    /** The fleet's answers, as {@link io.postbrake.detection.profile.ProfileUpdater#answered} remembers them. */
    private static final int USUAL = 1;

    private static final int UNUSUAL = -1;

    private final DecisionContext context;
    private final DetectionConfig config;

    ForeignFindings(DecisionContext context) {
        this.context = context;
        this.config = context.config();
    }

    /** What a detector on dry run finds is published, and blocks nobody. */
    Finding tried(Finding f) {
        return f.getObserveOnly() || !config.dryRun().contains(f.getDetector())
                ? f
                : Finding.newBuilder(f).setObserveOnly(true).setDryRun(true).build();
    }

    /** The finding with the weight that it has for this subject. */
    Finding weighed(Finding f) {
        return tried(weaker(atHome(f)));
    }

    /** Where the account has been at home for days, its neighbours' failed logins say little about it. */
    private Finding atHome(Finding f) {
        if (!config.detectors().made(f, SuccessAfterGuessing.class)) {
            return f;
        }
        boolean home = f.getEvidence().stream()
                .anyMatch(evidence -> context.profile().atHome(evidence.getClientIp(), f.getOccurredAt())
                        || context.profile().mailbox().home(origin(evidence), f.getOccurredAt()));
        return home
                ? Finding.newBuilder(f)
                        .setScore(Math.min(
                                f.getScore(),
                                Risk.score(AT_HOME, config.profile().prior())))
                        .build()
                : f;
    }

    /** An account without history is at home nowhere, and so what others did there says less of it. */
    private Finding weaker(Finding f) {
        boolean neighbours = config.detectors().made(f, SharedNetwork.class);
        return neighbours && !context.profile().experienced()
                ? Finding.newBuilder(f)
                        .setScore(Math.min(
                                f.getScore(),
                                Risk.score(NEIGHBOURS_OF_NEW, config.profile().prior())))
                        .build()
                : f;
    }

    /** What others say of a place is about the account only while it is not at home there. */
    boolean ownHistoryCounts(Finding f) {
        boolean fleets = config.detectors().made(f, NewCountryForFleet.class);
        boolean neighbours = config.detectors().made(f, SharedNetwork.class);
        if ((!fleets && !neighbours) || f.getEvidence().isEmpty()) {
            return false;
        }
        Evidence where = f.getEvidence().get(0);
        Profile profile = context.profile();
        if (neighbours) {
            return profile.origins().settled(origin(where), f.getOccurredAt());
        }
        context.updater().answered(origin(where), UNUSUAL);
        return profile.experienced() || profile.countries().contains(where.getCountry());
    }

    /**
     * The fleet knows the place as one that many accounts send from. Where an owner of whom nothing is known is likely to be, those of the
     * same domain know better: the evidence's value is their share, if it is known.
     */
    void usual(Evidence where) {
        boolean domains = where.getValue() == null || where.getLimit() == null || where.getValue() >= where.getLimit();
        if (!domains && !context.profile().experienced()) {
            return;
        }
        context.updater().answered(origin(where), USUAL);
    }

    private static @Nullable String origin(Evidence where) {
        return SourceNetworks.name(where.getAsn(), where.getCountry(), where.getClientIp());
    }
}
