package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.finding.Finding;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The one list of detectors. A detector reads its own thresholds, so that here is one line of it. A value. */
public final class Detectors {
    private final List<FindingSource> all;
    // What every line of mail asks for is looked out once.
    private final List<Detector> ofSubmissions;
    private final Map<String, FindingSource> byId;

    /** These, set up; their order decides nothing but that of findings of one event. */
    public Detectors(List<FindingSource> all) {
        this.all = List.copyOf(all);
        this.ofSubmissions = this.all.stream()
                .filter(Detector.class::isInstance)
                .map(Detector.class::cast)
                .toList();
        this.byId = this.all.stream()
                .collect(Collectors.toUnmodifiableMap(FindingSource::id, one -> one, (first, other) -> first));
    }

    /** All of them, set up as configured. */
    public static Detectors of(Parameters p) {
        return new Detectors(List.of(
                new VelocityCeiling(p),
                new VelocityHistory(p),
                new UnfamiliarSending(),
                new ImpossibleTravel(p),
                new UnfamiliarReading(p),
                new NewCountry(),
                new NewNetwork(),
                new ManyNetworks(),
                new ManyRecipients(),
                new ManySenders(),
                new BouncedShare(),
                new RefusedSending(),
                new EvenPace(),
                new GuessingByAddress(p),
                new GuessingByRange(p),
                new GuessingByAccount(p),
                new SuccessAfterGuessing(p),
                new SuccessAfterSlowGuessing(p),
                new PersistenceUnderBlock(p),
                new UnauthenticatedRelay(),
                new SendingWithoutLogin(p),
                new NewCountryForFleet(p),
                new SharedNetwork(),
                new ListedAddress(p)));
    }

    /** Those that look at a subject's own events. */
    public List<Detector> ofSubmissions() {
        return ofSubmissions;
    }

    /** All of them. */
    public List<FindingSource> all() {
        return all;
    }

    /** The ids of all, in their order. */
    public List<String> ids() {
        return all.stream().map(FindingSource::id).toList();
    }

    /** The one with this id; empty for one of an earlier build. */
    public Optional<FindingSource> named(String id) {
        return Optional.ofNullable(byId.get(id));
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
        for (FindingSource one : all) {
            if (detector.isInstance(one)) {
                return detector.cast(one);
            }
        }
        throw new NoSuchElementException(detector.getName());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Detectors that && all.equals(that.all);
    }

    @Override
    public int hashCode() {
        return all.hashCode();
    }

    @Override
    public String toString() {
        return all.toString();
    }
}
