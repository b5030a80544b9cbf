package io.postbrake.detection;

import io.postbrake.state.SubjectState;
import java.util.ArrayList;
import java.util.List;

/** Decides about one subject: state and input in, state and outputs out. No clock, no randomness, nothing mutated. */
public final class SubjectEngine {
    private final DetectionConfig config;
    private final List<Detector> detectors;

    public SubjectEngine(DetectionConfig config) {
        this.config = config;
        this.detectors = List.of(
                new VelocityCeiling(config),
                new VelocityHistory(config),
                new ImpossibleTravel(config),
                new NewCountry(config),
                new GuessingByAddress(config),
                new GuessingByAccount(config),
                new SuccessAfterGuessing(config),
                new UnauthenticatedRelay());
    }

    /** What {@code in} leads to; {@code stateOrNull} is left as it is. */
    public Outputs accept(SubjectState stateOrNull, String subjectKey, Input in) {
        SubjectState state = stateOrNull == null
                ? SubjectState.newBuilder().setSubjectKey(subjectKey).build()
                : SubjectState.newBuilder(stateOrNull).build();
        withPlainLists(state);
        Turn turn = new Turn(state, config, detectors);
        if (in instanceof Input.Activity activity) {
            turn.activity(activity.submission());
        } else if (in instanceof Input.Opinion opinion) {
            turn.opinion(opinion.finding());
        } else if (in instanceof Input.Word word) {
            turn.word(word.override());
        } else if (in instanceof Input.Tick tick) {
            turn.tick(tick.now());
        }
        return turn.outputs();
    }

    /** Avro's own list, which a copy or a read record has, cannot remove an element that is named. */
    private static void withPlainLists(SubjectState state) {
        state.setRates(new ArrayList<>(state.getRates()));
        state.setCountries(new ArrayList<>(state.getCountries()));
        state.setFailurePeers(new ArrayList<>(state.getFailurePeers()));
        state.setFindings(new ArrayList<>(state.getFindings()));
    }
}
