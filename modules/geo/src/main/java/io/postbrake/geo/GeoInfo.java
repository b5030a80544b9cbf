package io.postbrake.geo;

/**
 * Place and network of an address; each part is null when unknown. Latitude and longitude in degrees (both or neither),
 * {@code radiusKm} is the place's uncertainty in kilometres, {@code network} the CIDR prefix of the database entry.
 */
public record GeoInfo(
        String country,
        String city,
        Double latitude,
        Double longitude,
        Double radiusKm,
        Long asn,
        String asOrganisation,
        String network) {

    /** Nothing is known. */
    public static final GeoInfo UNKNOWN = new GeoInfo(null, null, null, null, null, null, null, null);
}
