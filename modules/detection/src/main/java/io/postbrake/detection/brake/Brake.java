package io.postbrake.detection.brake;

import io.postbrake.detection.notice.Notice;
import io.postbrake.state.PulledBrake;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What new blocks become while very many begin at once. The fleet pulls and releases it, see {@link FleetBrake}, and tells every
 * partition of subjects by a notice under {@link #KEY}, one more input in order: what a subject's block becomes depends on the
 * inputs of its partition alone. A value.
 */
public final class Brake {
    /** Subject that each partition has a state of. */
    public static final String KEY = Notice.BrakeSet.KEY;

    /** It is released. */
    public static final Brake RELEASED = new Brake(List.of());

    static final String OBSERVE = "observe";
    static final String HOLD = "hold";
    /** New blocks that rest on what one host says are in force on that host alone. */
    static final String LOCAL = "local";

    private final List<PulledBrake> pulled;

    private Brake(List<PulledBrake> pulled) {
        this.pulled = pulled;
    }

    /** The brake as the state says that is kept under {@link #KEY}; null when there is none. */
    public static Brake of(@Nullable SubjectState stateOrNull) {
        return stateOrNull == null || stateOrNull.getBrakes().isEmpty()
                ? RELEASED
                : new Brake(List.copyOf(stateOrNull.getBrakes()));
    }

    /** Whether it is pulled for subjects of this type at {@code now}: 0 no, 1 new blocks are holds, 2 they are only observed. */
    public int level(String subjectType, Instant now) {
        String most = most(subjectType, null, now);
        return most == null ? 0 : most.equals(HOLD) ? 1 : 2;
    }

    /** Mail hosts whose evidence alone causes less at {@code now} than that of several would. */
    public long hosts(String subjectType, Instant now) {
        return pulled.stream()
                .filter(one -> one.getHost() != null && holds(one, subjectType, now))
                .map(PulledBrake::getHost)
                .distinct()
                .count();
    }

    /**
     * The strictest that a new block of this type of subject may be; null when it may be anything.
     *
     * @param hostOrNull the mail host on whose evidence alone it rests
     */
    public @Nullable String most(String subjectType, @Nullable String hostOrNull, Instant now) {
        String most = null;
        for (PulledBrake one : pulled) {
            boolean concerns = one.getHost() == null || one.getHost().equals(hostOrNull);
            if (concerns && !one.getMost().equals(LOCAL) && holds(one, subjectType, now)) {
                most = OBSERVE.equals(most) ? most : one.getMost();
            }
        }
        return most;
    }

    /** Whether a new block that rests on the evidence of {@code host} alone is to be in force there alone. */
    public boolean local(String subjectType, String host, Instant now) {
        return pulled.stream()
                .anyMatch(one ->
                        one.getMost().equals(LOCAL) && host.equals(one.getHost()) && holds(one, subjectType, now));
    }

    private static boolean holds(PulledBrake one, String subjectType, Instant now) {
        return one.getKind().equals(subjectType) && now.isBefore(one.getUntil());
    }
}
