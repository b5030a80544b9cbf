package io.postbrake.detection.config;

import io.postbrake.detection.detector.Detectors;
import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.ProfileConfig;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The detectors, set up, and what decisions are made with; {@link #of(Map)} reads it. What one detector is configured by is
 * known to that detector alone.
 *
 * @param detectors all detectors with their thresholds
 * @param profile what profiles are made and read with
 * @param risk from which probability of abuse on what is done
 * @param block how long blocks last
 * @param alert how long incidents go on and alerts are kept
 * @param hosts when a mail host is not well
 * @param brake brake.*: when very many new blocks at once are held back
 * @param decisionMaxAge decision.max.age: what is older is learnt, and not acted on
 * @param dryRun ids of detectors with detectors.ID.dry-run: they find, and nothing is blocked by it
 * @param enforceFrom enforce.from: before this decision time nothing is blocked, only told; the beginning of time for always
 * @param allow allow.accounts, allow.networks, allow.domains: who is never blocked
 */
public record DetectionConfig(
        Detectors detectors,
        ProfileConfig profile,
        RiskConfig risk,
        BlockConfig block,
        AlertConfig alert,
        HostsConfig hosts,
        BrakeConfig brake,
        Duration decisionMaxAge,
        Set<String> dryRun,
        Instant enforceFrom,
        AllowList allow) {

    /** Key of {@link #enforceFrom}. */
    public static final String ENFORCE_FROM = "enforce.from";

    public DetectionConfig {
        dryRun = Set.copyOf(dryRun);
    }

    private DetectionConfig(Parameters p) {
        this(
                Detectors.of(p),
                new ProfileConfig(p),
                new RiskConfig(p),
                new BlockConfig(p),
                new AlertConfig(p),
                new HostsConfig(p),
                new BrakeConfig(p),
                p.lasting("decision.max.age", "1h"),
                dryRun(p),
                enforceFrom(p),
                AllowList.of(p));
    }

    private static Instant enforceFrom(Parameters p) {
        Object value = p.given(ENFORCE_FROM);
        try {
            return value == null ? Instant.MIN : timeOf(value.toString());
        } catch (DateTimeException e) {
            p.bad(ENFORCE_FROM, value, "a day or a time in UTC: 2027-01-31 or 2027-01-31T12:00:00Z");
            return Instant.MIN;
        }
    }

    /**
     * A time in UTC, or the beginning of a day there.
     *
     * @throws DateTimeException when the text is neither
     */
    public static Instant timeOf(String text) {
        String stripped = text.strip();
        return stripped.length() == 10
                ? LocalDate.parse(stripped).atStartOfDay(ZoneOffset.UTC).toInstant()
                : Instant.parse(stripped);
    }

    /** Whether nothing is blocked at this decision time. */
    public boolean watches(Instant now) {
        return now.isBefore(enforceFrom);
    }

    /** This configuration, but nothing is blocked before {@code from}. */
    public DetectionConfig enforcingFrom(Instant from) {
        return new DetectionConfig(
                detectors, profile, risk, block, alert, hosts, brake, decisionMaxAge, dryRun, from, allow);
    }

    private static Set<String> dryRun(Parameters p) {
        Set<String> ids = new LinkedHashSet<>();
        for (String id : Detectors.of(p).ids()) {
            if (p.yes("detectors." + id + ".dry-run", false)) {
                ids.add(id);
            }
        }
        return ids;
    }

    /** What holds without a file. */
    public static DetectionConfig defaults() {
        return of(Map.of());
    }

    /**
     * Reads nested (or dotted) keys; what is missing keeps its default.
     *
     * @throws IllegalArgumentException naming key, value and what would be right, a line each for all that is wrong
     */
    public static DetectionConfig of(Map<String, ?> yaml) {
        Parameters p = Parameters.of(yaml);
        DetectionConfig config = new DetectionConfig(p);
        p.refuse();
        return config;
    }

    /** Every key that {@link #of} knows with the text of its default, in order; lists are empty by default. */
    public static Map<String, String> keys() {
        Parameters p = Parameters.of(Map.of());
        new DetectionConfig(p);
        return p.known();
    }

    /** This configuration with more entries in its allow-lists. */
    DetectionConfig allowing(List<AllowList.Entry> entries) {
        return entries.isEmpty()
                ? this
                : new DetectionConfig(
                        detectors,
                        profile,
                        risk,
                        block,
                        alert,
                        hosts,
                        brake,
                        decisionMaxAge,
                        dryRun,
                        enforceFrom,
                        allow.and(entries));
    }
}
