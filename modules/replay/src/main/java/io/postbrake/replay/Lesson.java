package io.postbrake.replay;

import io.postbrake.detection.profile.ProfileSeeding;
import io.postbrake.state.SubjectState;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What old logs teach: the profiles of the accounts and of the fleet as a detector that had watched would have them.
 *
 * @param profiles in order of the subjects' keys
 * @param summary what was read
 */
public record Lesson(List<SubjectState> profiles, ReplaySummary summary) {

    /** Where the history comes from. */
    public interface History {
        /** Replays it. */
        ReplaySummary over(Replay.Builder replay) throws IOException;
    }

    /**
     * Replays a history for its profiles.
     *
     * @throws IOException when it cannot be read
     * @throws IllegalArgumentException when nothing in it has a time
     */
    public static Lesson of(Replay.Builder replay, History history) throws IOException {
        List<SubjectState> states = new ArrayList<>();
        ReplaySummary summary = history.over(replay.remembered((key, state) -> states.add(state)));
        Instant until = summary.last();
        if (until == null) {
            throw new IllegalArgumentException("nothing was read that has a time: nothing can be learnt");
        }
        List<SubjectState> profiles = new ArrayList<>();
        for (SubjectState state : states) {
            SubjectState profile = ProfileSeeding.profile(state, until);
            if (profile != null) {
                profiles.add(profile);
            }
        }
        return new Lesson(profiles, summary);
    }
}
