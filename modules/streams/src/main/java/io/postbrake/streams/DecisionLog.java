package io.postbrake.streams;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectOutput;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line in the service's own log for each decision: who, what, until when, and why. Text of log lines and of operators
 * stands in it as one piece without control characters, so that nobody's text begins another line. After an aborted
 * transaction the same decision is taken, and logged, again.
 */
final class DecisionLog {

    private static final Logger LOG = LoggerFactory.getLogger("io.postbrake.decisions");
    private static final int LONGEST_TEXT = 300;
    private static final String NO_TEXT = "[\\p{Cntrl}\\p{Cf}\\u0080-\\u009f\\u2028\\u2029]";

    private DecisionLog() {}

    static void tell(String subjectKey, DetectorMeters.Before before, Input in, SubjectOutput out) {
        lines(subjectKey, before.action(), in, out).forEach(LOG::info);
    }

    /** An incident that is no subject's, such as a host's. */
    static void tell(Alert alert) {
        incident(alert).forEach(LOG::info);
    }

    /** What an input led to; {@code actionBefore} is that of the block that stood, null without one. */
    static List<String> lines(String subjectKey, String actionBefore, Input in, SubjectOutput out) {
        List<String> lines = new ArrayList<>();
        OperatorOverride word = in instanceof Input.Overridden said ? said.override() : null;
        if (word != null) {
            lines.add("operator " + inert(word.getActor()) + ": " + inert(word.getVerb()) + " " + inert(subjectKey)
                    + (word.getAction() == null ? "" : " (" + inert(word.getAction()) + ")") + until(word.getEndsAt())
                    + ": " + inert(word.getReason()));
        }
        if (in instanceof Input.Forget forget) {
            OperatorOverride said = forget.word();
            Instant forgotten = out.state() == null ? null : out.state().getForgottenAt();
            boolean done = forgotten != null && !forgotten.isBefore(said.getAt());
            lines.add("operator " + inert(said.getActor()) + ": forget " + inert(subjectKey) + ": "
                    + inert(said.getReason())
                    + (done ? "" : "; it is blocked, and nothing was forgotten"));
        }
        out.alerts().forEach(alert -> lines.addAll(incident(alert)));
        if (out.block() instanceof SubjectOutput.BlockChange.Put put) {
            Block block = put.block();
            if (actionBefore == null || !actionBefore.equals(block.getAction())) {
                lines.add((actionBefore == null ? "block: " : "block grows from " + actionBefore + ": ")
                        + block.getAction() + " " + inert(subjectKey) + until(block.getEndsAt())
                        + (block.getOnlyHost() == null ? "" : " on " + inert(block.getOnlyHost()) + " alone") + " [pb:"
                        + block.getReference() + "]: " + inert(block.getReason()));
            }
        } else if (out.block() instanceof SubjectOutput.BlockChange.Lift) {
            lines.add("block lifted: " + inert(subjectKey)
                    + (word == null ? ", its end came" : ", by operator " + inert(word.getActor())));
        }
        return lines;
    }

    private static List<String> incident(Alert alert) {
        String about = alert.getSeverity() + " " + inert(alert.getSubjectType() + ":" + alert.getSubject());
        return switch (alert.getState()) {
            case "FIRING" -> List.of("incident: " + about + ": " + inert(alert.getTitle()));
            case "RESOLVED" ->
                List.of("incident over: " + about
                        + (alert.getResolvedBy() == null ? "" : ", by operator " + inert(alert.getResolvedBy())));
            default -> List.of();
        };
    }

    private static String until(Instant end) {
        return end == null ? "" : " until " + end;
    }

    private static String inert(String text) {
        String plain = String.valueOf(text).replaceAll(NO_TEXT, "?");
        return plain.length() <= LONGEST_TEXT ? plain : plain.substring(0, LONGEST_TEXT - 3) + "...";
    }
}
