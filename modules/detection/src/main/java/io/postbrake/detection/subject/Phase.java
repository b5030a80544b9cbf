package io.postbrake.detection.subject;

import io.postbrake.event.Submission;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a submission tells of. On topics and in states it is this word, see the field's documentation in the schema. */
public enum Phase {
    /** {@code client=}, or a message that was held before it. */
    ATTEMPT,
    /** The message is in the queue, active or on hold. */
    ACCEPTED,
    /** A delivery, or one that failed. */
    OUTCOME,
    REFUSED,
    /** Somebody got into a mailbox, or a service of Dovecot; no mail need follow. */
    LOGIN,
    /** A wrong password. */
    AUTH_FAILED,
    /** The authentication server did not answer in time. */
    AUTH_UNANSWERED,
    /** A login failed, but no password was wrong. */
    AUTH_ERROR,
    /** Many logins in a row failed so: of the host, not of anybody. */
    AUTH_OUTAGE,
    /** After that, logins are answered again. */
    AUTH_RESTORED,
    /** Nearly all logins of the host come from one address nearby. */
    CLIENTS_HIDDEN,
    /** A word of a later build. */
    UNKNOWN;

    private static final Map<String, Phase> BY_WORD =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Phase::name, Function.identity()));

    /** What this submission tells of. */
    public static Phase of(Submission s) {
        return BY_WORD.getOrDefault(s.getPhase(), UNKNOWN);
    }
}
