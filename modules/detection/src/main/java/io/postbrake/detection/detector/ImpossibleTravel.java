package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.Places;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SourceNetworks;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.geo.PlaceUncertainty;
import io.postbrake.state.Place;
import java.time.Duration;
import java.util.Optional;

/** Two attempts of one account from places that nobody can reach in the time between them. */
record ImpossibleTravel(double speedKmh, double distanceKm) implements Detector {
    private static final String KEY = "detectors.impossible-travel.";
    private static final double EARTH_KM = 6371.0088;
    /** A young account, or both places are usual: more likely two networks of one person. */
    private static final double WEAK = 1;

    private static final double MOST = 5;

    ImpossibleTravel(Parameters p) {
        this(p.inside(KEY + "speed-kmh", 1000, 0, 1e6), p.inside(KEY + "distance-km", 500, 0, 20_100));
    }

    @Override
    public String id() {
        return "impossible-travel";
    }

    @Override
    public Family family() {
        return Family.USE;
    }

    @Override
    public Optional<Finding> on(Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        Place last = profile.lastPlace();
        if (!profile.account() || seen.phase() != Phase.ATTEMPT || last == null) {
            return Optional.empty();
        }
        if (last.getOrigin().equals(seen.origin())) {
            return Optional.empty();
        }
        Place here = Places.of(e);
        if (here == null) {
            return Optional.empty();
        }
        double km = distance(last, here) - radius(last) - radius(here);
        double hours =
                Math.abs(Duration.between(last.getAt(), e.getOccurredAt()).toMillis()) / 3_600_000.0;
        double speed = km / Math.max(hours, 1.0 / 3600);
        if (km <= distanceKm || speed <= speedKmh) {
            return Optional.empty();
        }
        // A tunnel's exit and the desk take turns: both have been the account's own for days.
        SourceNetworks origins = profile.origins();
        boolean own =
                origins.settled(last.getOrigin(), last.getAt()) && origins.settled(here.getOrigin(), here.getAt());
        if (own && profile.experienced()) {
            return Optional.empty();
        }
        double weight = Math.min(MOST, WEAK + profile.strangeness(seen));
        String title = NumberFormats.whole(km) + " km from " + place(last) + " to " + place(here) + " in "
                + NumberFormats.whole(hours * 60) + " min";
        return Optional.of(FindingFactory.weighed(this, profile, e, weight, title, speed, speedKmh));
    }

    /** Profiles of before this was kept have 0 where nothing was said: that may be anywhere in the country. */
    private static double radius(Place p) {
        return PlaceUncertainty.km((double) p.getRadiusKm(), null);
    }

    private static String place(Place p) {
        return p.getCity() == null ? "another place" : p.getCity();
    }

    /** Haversine distance. */
    private static double distance(Place a, Place b) {
        double lat1 = Math.toRadians(a.getLatitude());
        double lat2 = Math.toRadians(b.getLatitude());
        double dLat = lat2 - lat1;
        double dLon = Math.toRadians(b.getLongitude() - a.getLongitude());
        double h = Math.pow(Math.sin(dLat / 2), 2) + Math.cos(lat1) * Math.cos(lat2) * Math.pow(Math.sin(dLon / 2), 2);
        return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
    }
}
