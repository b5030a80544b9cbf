package io.postbrake.detection.decision;

import io.postbrake.detection.detector.NewCountryForFleet;
import io.postbrake.state.ActiveDay;
import io.postbrake.state.AddressRange;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Since when the fleet is watched, so that ranges of addresses heard of the logins there. Old logs that were learnt do not
 * tell it, for they teach ranges nothing; nor does what an earlier build kept.
 */
final class LoginHistory {
    private LoginHistory() {}

    /** Mail of an account was seen. The earliest of it counts, in whichever order it arrives. */
    static void began(SubjectState fleet, Instant at) {
        Instant known = since(fleet);
        if (known == null || at.isBefore(known)) {
            fleet.setRange(AddressRange.newBuilder().setFleetAt(at).build());
        }
    }

    /** Whether enough accounts were watched for enough days. */
    static boolean enough(SubjectState fleet, NewCountryForFleet history, Instant at) {
        Instant since = since(fleet);
        return since != null
                && !since.plus(Duration.ofDays(history.days())).isAfter(at)
                && fleet.getActivity().stream()
                                .mapToLong(ActiveDay::getAccounts)
                                .max()
                                .orElse(0)
                        >= history.accounts();
    }

    private static @Nullable Instant since(SubjectState fleet) {
        return fleet.getRange() == null ? null : fleet.getRange().getFleetAt();
    }
}
