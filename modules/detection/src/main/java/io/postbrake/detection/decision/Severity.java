package io.postbrake.detection.decision;

import io.postbrake.detection.config.SeverityConfig;
import io.postbrake.detection.detector.Technique;
import io.postbrake.detection.subject.SubjectKeys;
import java.util.List;
import java.util.function.Supplier;

/** How loudly an incident is told. */
final class Severity {
    private static final String MILDEST = SeverityConfig.MILDEST_FIRST.get(0);

    private Severity() {}

    /** By what is done about a subject of this {@code type}, as far as what was seen there, asked for if need be, allows. */
    static String of(String action, Supplier<List<Technique>> seen, String type, SeverityConfig atMost) {
        int rank = Math.min(Actions.rank(action), SeverityConfig.MILDEST_FIRST.size() - 1);
        String byAction = SeverityConfig.MILDEST_FIRST.get(rank);
        return byAction.equals(MILDEST) ? MILDEST : SeverityConfig.milder(byAction, most(seen.get(), type, atMost));
    }

    private static String most(List<Technique> seen, String type, SeverityConfig atMost) {
        if (!seen.isEmpty() && seen.stream().allMatch(Technique.BRUTE_FORCE::equals)) {
            return atMost.guessing();
        }
        return type.equals(SubjectKeys.SASL_USER) ? atMost.theft() : atMost.withoutLogin();
    }
}
