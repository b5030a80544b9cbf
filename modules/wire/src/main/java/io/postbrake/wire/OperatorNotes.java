package io.postbrake.wire;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Keys of the overrides topic that are not a subject's own: what operators note of a subject, which adds up, and what they say
 * of its waiting mail. Neither changes what stands of the subject itself.
 */
public final class OperatorNotes {

    /** Verb of a note. */
    public static final String NOTE = "note";

    /** Verb of a note by which its author takes charge of the subject's open incident. */
    public static final String ACKNOWLEDGE = "acknowledge";

    /** How long notes are kept: as long as the mail that they are about. Whoever writes one removes those that are older. */
    public static final Duration KEEP = Duration.ofDays(35);

    private static final String NOTES = "note:";
    private static final String QUEUE = "queue:";

    private OperatorNotes() {}

    /** Key of a note of {@code subjectKey}: each has its own, so that no note takes another's place. */
    public static String key(String subjectKey, Instant at) {
        return NOTES + at.toEpochMilli() + ":" + subjectKey;
    }

    /** The subject that the record under this key notes something of; empty when it is no note. */
    public static Optional<String> subject(String recordKey) {
        int colon = recordKey.startsWith(NOTES) ? recordKey.indexOf(':', NOTES.length()) : -1;
        return colon < 0 ? Optional.empty() : Optional.of(recordKey.substring(colon + 1));
    }

    /** Whether a verb is one of notes. */
    public static boolean isVerb(String verb) {
        return verb.equals(NOTE) || verb.equals(ACKNOWLEDGE);
    }

    /** Key of a word on the mail of {@code subjectKey} that hosts hold. */
    public static String queueKey(String subjectKey) {
        return QUEUE + subjectKey;
    }

    /** Whether a record is about a subject's waiting mail, or a note, and not a word on the subject itself. */
    public static boolean isBeside(String recordKey) {
        return recordKey.startsWith(QUEUE) || subject(recordKey).isPresent();
    }
}
