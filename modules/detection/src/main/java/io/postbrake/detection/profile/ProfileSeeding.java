package io.postbrake.detection.profile;

import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.Set;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What is carried from old logs into a running detector: the profile of a subject as a detector that had watched would have
 * it, without what that one would have decided. Of two histories the longer one is kept whole: they are of the same days when
 * the shipper reads the same logs, and adding them up would count those twice.
 */
public final class ProfileSeeding {
    /** What was found and decided, and by whom: never learnt, and never replaced by what is. */
    public static final Set<String> DECISIONS = Set.of(
            "findings",
            "incident",
            "block",
            "blockUntil",
            "blocks",
            "repeats",
            "underBlock",
            "refusedTo",
            "refusedSecond",
            "blockedDay",
            "steady",
            "resolved",
            "word",
            "activeAt",
            "tellAt",
            "past",
            "brakedAt",
            "stops",
            "brakes",
            "hostTallies",
            "lastTickAt",
            "range",
            "forgottenAt",
            "failedSessions");

    private ProfileSeeding() {}

    /**
     * The profile to carry over, or null when there is nothing in it: only accounts and the fleet have a history that lasts.
     *
     * @param until end of the logs: what happened up to then is known already, and is neither counted nor judged again
     */
    public static @Nullable SubjectState profile(SubjectState state, Instant until) {
        String key = state.getSubjectKey();
        boolean lasts = key.startsWith(SubjectKeys.SASL_USER + ":") || key.equals(SubjectKeys.FLEET);
        if (!lasts || (state.getMessages() == 0 && state.getMailbox() == null)) {
            return null;
        }
        SubjectState profile = SubjectState.newBuilder(state).build();
        SubjectState blank = SubjectState.newBuilder().setSubjectKey(key).build();
        take(profile, blank, true);
        profile.setSpentUntil(until);
        return profile;
    }

    /** Whether a subject with this state, which may be null, has more to learn than to lose. */
    public static boolean helps(SubjectState learnt, @Nullable SubjectState ownOrNull, String subjectKey) {
        if (!subjectKey.equals(learnt.getSubjectKey()) || isForgotten(learnt, ownOrNull)) {
            return false;
        }
        return ownOrNull == null
                || ownOrNull.getMessages() < learnt.getMessages()
                || (ownOrNull.getMessages() == learnt.getMessages()
                        && (ownOrNull.getActiveDays() < learnt.getActiveDays()
                                || (ownOrNull.getActiveDays() == learnt.getActiveDays()
                                        && daysRead(ownOrNull) < daysRead(learnt))));
    }

    private static long daysRead(SubjectState state) {
        return state.getMailbox() == null ? 0 : state.getMailbox().getDays();
    }

    /** Whether the logs ended before the subject was forgotten. */
    private static boolean isForgotten(SubjectState learnt, @Nullable SubjectState ownOrNull) {
        Instant forgotten = ownOrNull == null ? null : ownOrNull.getForgottenAt();
        return forgotten != null
                && learnt.getSpentUntil() != null
                && !learnt.getSpentUntil().isAfter(forgotten);
    }

    /** Gives {@code own} the history of {@code learnt}, which it takes over; its own decisions stay. */
    public static void apply(SubjectState own, SubjectState learnt) {
        Instant spent = own.getSpentUntil();
        take(own, learnt, false);
        boolean later = spent != null && learnt.getSpentUntil() != null && spent.isAfter(learnt.getSpentUntil());
        own.setSpentUntil(later || learnt.getSpentUntil() == null ? spent : learnt.getSpentUntil());
    }

    private static void take(SubjectState to, SubjectState from, boolean decisions) {
        for (Schema.Field field : SubjectState.getClassSchema().getFields()) {
            if (DECISIONS.contains(field.name()) == decisions) {
                to.put(field.pos(), from.get(field.pos()));
            }
        }
    }
}
