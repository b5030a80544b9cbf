package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.detection.subject.SubjectKeys;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The one sentence of an alert: who, what, since when, what was done and what to do. It is made anew from the incident
 * with each of its states, so that an update, which says in the description what happened last, does not lose it.
 */
final class AlertSentence {
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private AlertSentence() {}

    /**
     * Of an incident that goes on.
     *
     * @param alert with its action, the action's end and its evidence as they are now
     * @param why what the action, or without one the incident, rests on
     * @param onlyHostOrNull the one host on which the block is in force; null: on all
     */
    static String open(Alert alert, String why, @Nullable String onlyHostOrNull) {
        return begin(alert, why) + "; " + done(alert, onlyHostOrNull) + ": " + next(alert);
    }

    /** Of an incident that is over. {@code how} says why. */
    static String over(Alert alert, String why, String how) {
        return begin(alert, why) + "; over at " + minute(alert.getEndedAt()) + ": " + how;
    }

    private static String begin(Alert alert, String why) {
        return who(alert) + " " + alert.getSubject() + ": " + why + ", since " + minute(alert.getStartedAt());
    }

    private static String done(Alert alert, @Nullable String onlyHostOrNull) {
        String mail = account(alert) ? "its mail" : "what it sends";
        String verb = switch (alert.getAction()) {
            case Actions.HOLD -> " is held";
            case Actions.DEFER -> " is refused for a while";
            case Actions.REJECT -> " is refused";
            default -> "";
        };
        return verb.isEmpty()
                ? "nothing is blocked" + (alert.getDryRunAction() == null ? "" : " yet")
                : mail + verb
                        + (onlyHostOrNull == null ? "" : " on " + onlyHostOrNull + " alone")
                        + " until " + minute(alert.getActionUntil());
    }

    private static String next(Alert alert) {
        boolean blocked = !alert.getAction().equals(Actions.OBSERVE);
        if (withoutLogin(alert)) {
            return "find the program that sends it" + (blocked ? ", then unblock it" : "");
        }
        if (!account(alert)) {
            return blocked ? "unblock it if it is one of yours" : "watch who logs in from there";
        }
        return switch (alert.getAction()) {
            case Actions.OBSERVE -> "ask the owner if it goes on";
            case Actions.HOLD -> "ask the owner, then unblock it or change its password";
            default -> "change its password, then unblock it";
        };
    }

    private static String who(Alert alert) {
        return switch (alert.getSubjectType()) {
            case SubjectKeys.SASL_USER -> "Account";
            case SubjectKeys.LOCAL_USER -> "Local user";
            case SubjectKeys.RELAY_SENDER -> "Sender without login";
            case SubjectKeys.CLIENT_NET -> "Network";
            default -> "Address";
        };
    }

    private static boolean withoutLogin(Alert alert) {
        return alert.getSubjectType().equals(SubjectKeys.LOCAL_USER)
                || alert.getSubjectType().equals(SubjectKeys.RELAY_SENDER);
    }

    private static boolean account(Alert alert) {
        return alert.getSubjectType().equals(SubjectKeys.SASL_USER);
    }

    private static String minute(Instant at) {
        return MINUTE.format(at);
    }
}
