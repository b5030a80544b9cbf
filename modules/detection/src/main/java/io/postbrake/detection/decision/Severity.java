package io.postbrake.detection.decision;

import io.postbrake.alert.Attack;
import io.postbrake.detection.config.SeverityConfig;
import io.postbrake.detection.detector.Technique;
import io.postbrake.detection.subject.SubjectKeys;
import java.util.List;

/** How loudly an incident is told. */
final class Severity {
    private static final Attack GUESSING = Technique.BRUTE_FORCE.attack();

    private Severity() {}

    /** By what is done about a subject of this {@code type}, as far as what was seen there allows. */
    static String of(String action, List<Attack> attacks, String type, SeverityConfig atMost) {
        int rank = Math.min(Actions.rank(action), SeverityConfig.MILDEST_FIRST.size() - 1);
        return SeverityConfig.milder(SeverityConfig.MILDEST_FIRST.get(rank), most(attacks, type, atMost));
    }

    private static String most(List<Attack> attacks, String type, SeverityConfig atMost) {
        if (!attacks.isEmpty() && attacks.stream().allMatch(GUESSING::equals)) {
            return atMost.guessing();
        }
        return type.equals(SubjectKeys.SASL_USER) ? atMost.theft() : atMost.withoutLogin();
    }
}
