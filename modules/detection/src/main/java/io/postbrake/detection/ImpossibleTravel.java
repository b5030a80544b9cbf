package io.postbrake.detection;

import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Two attempts of one account from places that nobody can reach in the time between them. */
record ImpossibleTravel(DetectionConfig config) implements Detector {
    private static final double EARTH_KM = 6371.0088;
    private static final double SCORE = 0.6;
    /** A young account, or both countries are usual: more likely two networks of one person. */
    private static final double WEAK = 0.4;

    @Override
    public String id() {
        return "impossible-travel";
    }

    @Override
    public Optional<Finding> on(Profile profile, Submission e) {
        Submission last = profile.state.getLastLocated();
        boolean located = e.getLatitude() != null && e.getLongitude() != null;
        if (!profile.account() || !e.getPhase().equals("ATTEMPT") || last == null || !located) {
            return Optional.empty();
        }
        double km = distance(last, e) - radius(last) - radius(e);
        double hours = Math.abs(Duration.between(last.getOccurredAt(), e.getOccurredAt())
                        .toMillis())
                / 3_600_000.0;
        double speed = km / Math.max(hours, 1.0 / 3600);
        if (km <= config.travelDistanceKm() || speed <= config.travelSpeedKmh()) {
            return Optional.empty();
        }
        // A tunnel's exit and the desk take turns: both have been the account's own for days.
        if (profile.atHome(last.getClientIp(), last.getOccurredAt())
                && profile.atHome(e.getClientIp(), e.getOccurredAt())) {
            return Optional.empty();
        }
        boolean usual = last.getCountry() != null
                && e.getCountry() != null
                && profile.countries().containsAll(List.of(last.getCountry(), e.getCountry()));
        double score = usual || !profile.experienced() ? WEAK : SCORE;
        String title =
                String.format(Locale.ROOT, "%.0f km from %s to %s in %.0f min", km, place(last), place(e), hours * 60);
        return Optional.of(profile.finding(this, e, score, title, speed, config.travelSpeedKmh()));
    }

    private static String place(Submission s) {
        return s.getCity() != null ? s.getCity() : s.getCountry() != null ? s.getCountry() : "another place";
    }

    private static double radius(Submission s) {
        return s.getRadiusKm() == null ? 0 : s.getRadiusKm();
    }

    /** Haversine distance. */
    private static double distance(Submission a, Submission b) {
        double lat1 = Math.toRadians(a.getLatitude());
        double lat2 = Math.toRadians(b.getLatitude());
        double dLat = lat2 - lat1;
        double dLon = Math.toRadians(b.getLongitude() - a.getLongitude());
        double h = Math.pow(Math.sin(dLat / 2), 2) + Math.cos(lat1) * Math.cos(lat2) * Math.pow(Math.sin(dLon / 2), 2);
        return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
    }
}
