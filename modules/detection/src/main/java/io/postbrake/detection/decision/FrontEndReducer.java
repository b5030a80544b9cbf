package io.postbrake.detection.decision;

import io.postbrake.detection.notice.Notice;
import io.postbrake.detection.profile.Residents;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An address nearby that accounts log in from: it tells each of them when they are many. It is never judged itself. */
final class FrontEndReducer implements Reducer {
    private static final Duration KEPT = Duration.ofDays(30);

    private final SubjectState state;
    private final Residents residents;
    private final List<Notice> notices = new ArrayList<>();

    FrontEndReducer(SubjectState state) {
        this.state = state;
        this.residents = new Residents(state);
    }

    @Override
    public void take(Input in) {
        if (in instanceof Input.Notified news && news.notice() instanceof Notice.LoggedInThere login) {
            Instant at = login.at();
            residents.loggedIn(SubjectKeys.bare(login.from()), at);
            state.setLastSeenAt(DecisionContext.later(state.getLastSeenAt(), at));
            if (residents.crowd(at)) {
                notices.add(new Notice.ManyLogInThere(state.getSubjectKey(), login.from(), at, login.readAt()));
            }
        } else if (in instanceof Input.Tick tick) {
            state.setLastTickAt(DecisionContext.later(state.getLastTickAt(), tick.now()));
        }
    }

    @Override
    public SubjectOutput outputs() {
        Instant until = deadline();
        boolean over = until == null
                || (state.getLastTickAt() != null && !state.getLastTickAt().isBefore(until));
        return new SubjectOutput(
                over ? null : state,
                List.of(),
                List.of(),
                List.of(),
                new SubjectOutput.BlockChange.None(),
                over ? null : until,
                notices,
                null,
                null);
    }

    @Override
    public @Nullable Instant deadline() {
        return state.getLastSeenAt() == null ? null : state.getLastSeenAt().plus(KEPT);
    }
}
