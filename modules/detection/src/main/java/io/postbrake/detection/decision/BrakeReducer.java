package io.postbrake.detection.decision;

import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.notice.Notice;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the subjects of a partition know of the brake: as the fleet last set it. */
final class BrakeReducer implements Reducer {
    private @Nullable SubjectState state;

    BrakeReducer(@Nullable SubjectState stateOrNull) {
        this.state = stateOrNull;
    }

    @Override
    public void take(Input in) {
        if (in instanceof Input.Notified news && news.notice() instanceof Notice.BrakeSet set) {
            state = set.pulled().isEmpty() ? null : States.fresh(Brake.KEY);
            if (state != null) {
                state.setBrakes(set.pulled());
            }
        }
    }

    @Override
    public SubjectOutput outputs() {
        return new SubjectOutput(state, List.of(), List.of(), List.of(), new SubjectOutput.BlockChange.None(), null);
    }

    @Override
    public @Nullable Instant deadline() {
        return null;
    }
}
