package io.postbrake.detection.decision;

import io.postbrake.block.Block;
import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.profile.ProfileSeeding;
import io.postbrake.detection.profile.Strangers;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides about one subject: state and input in, state and outputs out. No clock, no randomness. */
public final class SubjectEngine {
    private final DetectionConfig config;

    public SubjectEngine(DetectionConfig config) {
        this.config = config;
    }

    /** As below while no brake is pulled. */
    public SubjectOutput accept(@Nullable SubjectState stateOrNull, String subjectKey, Input in) {
        return accept(stateOrNull, subjectKey, in, Brake.RELEASED);
    }

    /** What {@code in} leads to while {@code brake} holds; {@code stateOrNull} is left as it is. */
    public SubjectOutput accept(@Nullable SubjectState stateOrNull, String subjectKey, Input in, Brake brake) {
        if (stateOrNull == null || subjectKey.equals(SubjectKeys.FLEET)) {
            return advance(stateOrNull, subjectKey, in, brake);
        }
        return advance(States.copy(stateOrNull), subjectKey, in, brake);
    }

    /**
     * As {@link #accept}, with the same outputs, but the state that goes in becomes the one that comes out: for a caller that
     * keeps states in memory and gives back only what this method gave, or what {@link #own} took up.
     */
    public SubjectOutput advance(@Nullable SubjectState ownOrNull, String subjectKey, Input in, Brake brake) {
        boolean blockable = !subjectKey.equals(Brake.KEY) && !subjectKey.equals(SubjectKeys.FLEET);
        if (blockable
                && in instanceof Input.Seed learnt
                && !ProfileSeeding.helps(learnt.profile(), ownOrNull, subjectKey)) {
            return ownOrNull == null
                    ? SubjectOutput.nothing()
                    : new AccountReducer(ownOrNull, config, brake).unchanged();
        }
        Reducer reducer = reducer(ownOrNull, subjectKey, brake);
        reducer.take(in);
        SubjectOutput out = apart(reducer.outputs());
        return in instanceof Input.Renamed renamed ? Renaming.tookOver(out, renamed.state()) : out;
    }

    /** The one for this kind of subject. */
    private Reducer reducer(@Nullable SubjectState stateOrNull, String subjectKey, Brake brake) {
        if (subjectKey.equals(Brake.KEY)) {
            return new BrakeReducer(stateOrNull);
        }
        if (subjectKey.equals(SubjectKeys.FLEET)) {
            return new FleetReducer(stateOrNull, config);
        }
        SubjectState state = stateOrNull == null ? States.fresh(subjectKey) : stateOrNull;
        if (SubjectKeys.is(SubjectKeys.FRONT_END, subjectKey)) {
            return new FrontEndReducer(state, config);
        }
        if (SubjectKeys.is(SubjectKeys.AUTH_SERVER, subjectKey)) {
            return new AuthServerReducer(state, config);
        }
        return SubjectKeys.is(SubjectKeys.CLIENT_NET, subjectKey)
                ? new NetworkReducer(state, config, brake)
                : new AccountReducer(state, config, brake);
    }

    /** The subject leaves the key that an earlier build kept it under; its block stays until the new key has it. */
    public static SubjectOutput leave(SubjectState state) {
        return new SubjectOutput(
                null,
                List.of(),
                List.of(),
                List.of(),
                new SubjectOutput.BlockChange.None(),
                null,
                List.of(),
                null,
                new SubjectOutput.Rename.Leaves(state));
    }

    /** When the subject of a state that was kept next needs a {@link Input.Tick}; null when it does not. */
    public @Nullable Instant deadline(SubjectState state) {
        return reducer(state, state.getSubjectKey(), Brake.RELEASED).deadline();
    }

    /**
     * How little would be lost with this state: its number of failed logins, if it has nothing else; -1 when it must be kept.
     * Of those that may go, the fewest failures go first.
     */
    public static long expendable(SubjectState state) {
        return state.getSubjectKey().equals(SubjectKeys.FLEET) ? -1 : Strangers.failures(state);
    }

    /** A block that was published does not change with the state that goes on. */
    private static SubjectOutput apart(SubjectOutput out) {
        if (!(out.block() instanceof SubjectOutput.BlockChange.Put put)) {
            return out;
        }
        var published =
                new SubjectOutput.BlockChange.Put(Block.newBuilder(put.block()).build());
        return new SubjectOutput(
                out.state(),
                out.findings(),
                out.alerts(),
                out.forgotten(),
                published,
                out.deadline(),
                out.notices(),
                out.disobeyed(),
                out.rename());
    }

    /** A state that was read from somewhere, made ready for {@link #advance}. */
    public static SubjectState own(SubjectState read) {
        return States.own(read);
    }
}
