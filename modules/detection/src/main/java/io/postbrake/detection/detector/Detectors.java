package io.postbrake.detection.detector;

import io.postbrake.detection.config.DetectionConfig;
import java.util.List;

/** The one list of detectors that look at a subject's own events. */
public final class Detectors {
    private Detectors() {}

    /** All of them, set up as configured; their order decides nothing but that of findings of one event. */
    public static List<Detector> all(DetectionConfig config) {
        return List.of(
                new VelocityCeiling(config),
                new VelocityHistory(),
                new UnfamiliarSending(),
                new ImpossibleTravel(config),
                new NewCountry(config),
                new NewNetwork(),
                new ManyNetworks(),
                new ManyRecipients(),
                new ManySenders(),
                new BouncedShare(),
                new RefusedSending(),
                new GuessingByAddress(config),
                new GuessingByAccount(config),
                new SuccessAfterGuessing(config),
                new SuccessAfterSlowGuessing(config),
                new PersistenceUnderBlock(config),
                new UnauthenticatedRelay());
    }
}
