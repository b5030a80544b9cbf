package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.finding.Finding;
import java.util.List;
import java.util.Optional;

/**
 * The one list of detectors. A detector reads its own thresholds, so that here is one line of it. A value.
 *
 * @param all the detectors, set up; their order decides nothing but that of findings of one event
 */
public record Detectors(List<FindingSource> all) {

    public Detectors {
        all = List.copyOf(all);
    }

    /** All of them, set up as configured. */
    public static Detectors of(Parameters p) {
        return new Detectors(List.of(
                new VelocityCeiling(p),
                new VelocityHistory(p),
                new UnfamiliarSending(),
                new ImpossibleTravel(p),
                new NewCountry(),
                new NewNetwork(),
                new ManyNetworks(),
                new ManyRecipients(),
                new ManySenders(),
                new BouncedShare(),
                new RefusedSending(),
                new GuessingByAddress(p),
                new GuessingByRange(p),
                new GuessingByAccount(p),
                new SuccessAfterGuessing(p),
                new SuccessAfterSlowGuessing(p),
                new PersistenceUnderBlock(p),
                new UnauthenticatedRelay(),
                new SendingWithoutLogin(p),
                new NewCountryForFleet(p),
                new SharedNetwork()));
    }

    /** Those that look at a subject's own events. */
    public List<Detector> ofSubmissions() {
        return all.stream()
                .filter(Detector.class::isInstance)
                .map(Detector.class::cast)
                .toList();
    }

    /** The ids of all, in their order. */
    public List<String> ids() {
        return all.stream().map(FindingSource::id).toList();
    }

    /** The one with this id; empty for one of an earlier build. */
    public Optional<FindingSource> named(String id) {
        for (FindingSource one : all) {
            if (one.id().equals(id)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    /** The one that made the finding; empty when it was one of an earlier build. */
    public Optional<FindingSource> of(Finding f) {
        return named(f.getDetector());
    }

    /** Whether the detector of this class made the finding. */
    public boolean made(Finding f, Class<? extends FindingSource> detector) {
        return of(f).filter(detector::isInstance).isPresent();
    }

    /** The one of this class. */
    public <T extends FindingSource> T only(Class<T> detector) {
        return all.stream()
                .filter(detector::isInstance)
                .map(detector::cast)
                .findFirst()
                .orElseThrow();
    }
}
