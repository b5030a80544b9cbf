package io.postbrake.detection.profile;

import io.postbrake.state.RateScale;
import io.postbrake.state.SubjectState;
import java.util.List;

/**
 * What an account's own history makes usual in a window in which it sends at all; for people to compare with.
 *
 * @param minutes length of the window
 * @param mean messages that are expected
 * @param most messages that fewer than one such window in a thousand exceeds
 * @param learntWindows windows behind it, with forgetting; few say little
 */
public record UsualRate(long minutes, double mean, long most, double learntWindows) {

    private static final double RARE = 1e-3;
    private static final long END = 100_000;

    /** One for each time scale, the shortest first; none for a subject that never sent. */
    public static List<UsualRate> of(SubjectState state) {
        return state.getRates().stream().map(UsualRate::of).toList();
    }

    private static UsualRate of(RateScale scale) {
        long most = 1;
        while (most < END && window(scale, most + 1).tail() > RARE) {
            most++;
        }
        return new UsualRate(
                scale.getMinutes(), 1 + window(scale, 1).expected(), most, SendingRates.number(scale.getWindows()));
    }

    private static OpenWindow window(RateScale scale, long count) {
        return new OpenWindow(
                scale.getMinutes(),
                count,
                0,
                0,
                SendingRates.number(scale.getExcess()),
                SendingRates.number(scale.getWindows()),
                SendingRates.number(scale.getSquares()));
    }
}
