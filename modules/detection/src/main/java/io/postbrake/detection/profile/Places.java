package io.postbrake.detection.profile;

import io.postbrake.detection.subject.StableIds;
import io.postbrake.event.Submission;
import io.postbrake.geo.PlaceUncertainty;
import io.postbrake.state.Place;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Places of events, and which of two is the newer: the same one in whichever order they arrive. */
public final class Places {
    /** Some bits are enough to give what happened at once an order. */
    private static final int ORDER_SHIFT = 40;

    private static final Comparator<Place> ORDER =
            Comparator.comparing(Place::getAt).thenComparingLong(Place::getOrder);

    private Places() {}

    /** Where the event came from; null when that is not known. */
    public static @Nullable Place of(Submission e) {
        if (e.getLatitude() == null || e.getLongitude() == null) {
            return null;
        }
        Place place = new Place();
        place.setAt(e.getOccurredAt());
        place.setOrder(StableIds.of(e.getHostId(), e.getSourceId(), e.getGeneration(), e.getPosition())
                        .getMostSignificantBits()
                >>> ORDER_SHIFT);
        place.setLatitude(e.getLatitude().floatValue());
        place.setLongitude(e.getLongitude().floatValue());
        place.setRadiusKm((float) PlaceUncertainty.km(e.getRadiusKm(), e.getCity()));
        place.setOrigin(SourceNetworks.name(e));
        place.setCity(e.getCity() == null || e.getCity().isBlank() ? e.getCountry() : e.getCity());
        return place;
    }

    /** Whether a place is newer than the one that is known. */
    static boolean newer(Place place, @Nullable Place knownOrNull) {
        return knownOrNull == null || ORDER.compare(knownOrNull, place) < 0;
    }
}
