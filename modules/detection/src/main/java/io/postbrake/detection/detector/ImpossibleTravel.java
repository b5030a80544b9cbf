package io.postbrake.detection.detector;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.profile.Places;
import io.postbrake.detection.profile.Profile;
import io.postbrake.detection.profile.SubmissionContext;
import io.postbrake.detection.subject.Phase;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.geo.PlaceUncertainty;
import io.postbrake.state.Place;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
        if (!profile.account() || seen.phase() != Phase.ATTEMPT) {
            return Optional.empty();
        }
        return from(profile.lastPlace(), profile, seen).or(() -> from(readAtHome(profile), profile, seen));
    }

    /** Who reads from elsewhere, be it a provider that fetches the mail, says nothing of where mail is sent from. */
    private static @Nullable Place readAtHome(Profile profile) {
        Place last = profile.mailbox().lastPlace();
        return last != null && own(last, profile) ? last : null;
    }

    private Optional<Finding> from(@Nullable Place last, Profile profile, SubmissionContext seen) {
        Submission e = seen.event();
        if (last == null) {
            return Optional.empty();
        }
        if (last.getOrigin().equals(seen.origin())) {
            return Optional.empty();
        }
        Place here = Places.of(e);
        if (here == null) {
            return Optional.empty();
        }
        if (!impossible(last, here)) {
            return Optional.empty();
        }
        double km = km(last, here);
        // A tunnel's exit and the desk take turns: both have been the account's own for days.
        boolean own = own(last, profile) && own(here, profile);
        if (own && profile.experienced()) {
            return Optional.empty();
        }
        double weight = Math.min(MOST, WEAK + profile.strangeness(seen));
        String title = NumberFormats.whole(km) + " km from " + place(last) + " to " + place(here) + " in "
                + NumberFormats.whole(hours(last, here) * 60) + " min";
        return Optional.of(FindingFactory.weighed(this, profile, e, weight, title, speed(last, here), speedKmh));
    }

    /** Where it sends from for days, or reads from. */
    private static boolean own(Place place, Profile profile) {
        return profile.origins().settled(place.getOrigin(), place.getAt())
                || profile.mailbox().home(place.getOrigin(), place.getAt());
    }

    /** Whether nobody can be at both places at their times. */
    boolean impossible(Place last, Place here) {
        return km(last, here) > distanceKm && speed(last, here) > speedKmh;
    }

    private static double km(Place last, Place here) {
        return distance(last, here) - radius(last) - radius(here);
    }

    private static double speed(Place last, Place here) {
        return km(last, here) / Math.max(hours(last, here), 1.0 / 3600);
    }

    static double hours(Place last, Place here) {
        return Math.abs(Duration.between(last.getAt(), here.getAt()).toMillis()) / 3_600_000.0;
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
