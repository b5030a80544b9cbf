package io.postbrake.geo;

/**
 * How far from the coordinates of a file somebody may be who has the address.
 *
 * <p>Most files give coordinates without saying how exact they are; nought kilometres is never right. The two figures for
 * those are ours: free files' cities are often the next large one or the operator's seat, and a place without a city is the
 * middle of its country, from which the country reaches about as far as a circle of the area of the largest (Russia, 17.1
 * million square kilometres: 2,333 km) does.
 */
public final class PlaceUncertainty {

    /** Of a place with a city, in kilometres. */
    public static final double CITY_KM = 200;

    /** Of a place of which only the country is known, in kilometres. */
    public static final double COUNTRY_KM = 2_500;

    private PlaceUncertainty() {}

    /**
     * The uncertainty of a place in kilometres.
     *
     * @param toldKm what the file says; null, or nothing above 0, when it says none
     * @param city the place's city; null when it is not known
     */
    public static double km(Double toldKm, String city) {
        if (toldKm != null && toldKm > 0) {
            return toldKm;
        }
        return city == null || city.isBlank() ? COUNTRY_KM : CITY_KM;
    }
}
