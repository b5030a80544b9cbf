package io.postbrake.geo;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one entry of a file says. The makers of files agree on the container, not on the names in it: for each fact the keys of
 * all of them are asked in turn. The page {@code docs/geography.md} has the table.
 */
final class GeoRecord {

    private static final List<List<String>> COUNTRY = paths(
            "country.iso_code",
            "country_code",
            "geo.country_code",
            "country",
            // Where the network is registered: not always where it is used, but better than nothing.
            "registered_country.iso_code",
            "registered_country_code");
    private static final List<List<String>> CITY = paths("city.names.en", "city.name", "city", "geo.city");
    private static final List<List<String>> LATITUDE = paths("location.latitude", "latitude", "lat", "geo.latitude");
    private static final List<List<String>> LONGITUDE =
            paths("location.longitude", "longitude", "lng", "lon", "geo.longitude");
    private static final List<List<String>> RADIUS =
            paths("location.accuracy_radius", "accuracy_radius", "radius", "geo.radius");
    private static final List<List<String>> ASN = paths(
            "autonomous_system_number",
            "traits.autonomous_system_number",
            "asn",
            "as.asn",
            "country.AutonomousSystemNumber");
    private static final List<List<String>> ORGANISATION = paths(
            "autonomous_system_organization",
            "traits.autonomous_system_organization",
            "as_name",
            "as.name",
            "country.AutonomousSystemOrganization");

    private static final Pattern CODE = Pattern.compile("[A-Za-z]{2}");
    /** Codes with which files say that they do not know. */
    private static final Set<String> NO_COUNTRY = Set.of("ZZ", "XX");

    private static final Pattern AS_NUMBER = Pattern.compile("(?:AS)?(\\d{1,10})", Pattern.CASE_INSENSITIVE);
    private static final long LAST_ASN = 0xFFFF_FFFFL;

    private GeoRecord() {}

    /** The facts of an entry; {@link GeoInfo#UNKNOWN} when it has none. */
    static GeoInfo read(Map<?, ?> entry, String network) {
        Double latitude = first(entry, LATITUDE, GeoRecord::number);
        Double longitude = first(entry, LONGITUDE, GeoRecord::number);
        boolean placed = latitude != null && longitude != null && onEarth(latitude, longitude);
        String country = first(entry, COUNTRY, GeoRecord::country);
        String city = city(entry);
        Long asn = first(entry, ASN, GeoRecord::asn);
        String organisation = organisation(entry, asn);
        if (!placed && country == null && city == null && asn == null && organisation == null) {
            return GeoInfo.UNKNOWN;
        }
        Double radius = placed ? PlaceUncertainty.km(first(entry, RADIUS, GeoRecord::number), city) : null;
        return new GeoInfo(
                country, city, placed ? latitude : null, placed ? longitude : null, radius, asn, organisation, network);
    }

    private static String city(Map<?, ?> entry) {
        String city = first(entry, CITY, GeoRecord::text);
        if (city == null && at(entry, List.of("city", "names")) instanceof Map<?, ?> names) {
            return names.values().stream()
                    .map(GeoRecord::text)
                    .filter(name -> name != null)
                    .findFirst()
                    .orElse(null);
        }
        return city;
    }

    /** A bare {@code name} is the operator's only beside a number of its own. */
    private static String organisation(Map<?, ?> entry, Long asn) {
        String known = first(entry, ORGANISATION, GeoRecord::text);
        return known == null && asn != null ? text(entry.get("name")) : known;
    }

    /** Files write 0, 0 where they know no place: it is a buoy in the sea, and nobody sends mail from there. */
    private static boolean onEarth(double latitude, double longitude) {
        return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && !(latitude == 0 && longitude == 0);
    }

    private static <T> T first(Map<?, ?> entry, List<List<String>> paths, Function<Object, T> read) {
        for (List<String> path : paths) {
            T value = read.apply(at(entry, path));
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    private static Object at(Map<?, ?> entry, List<String> path) {
        Object value = entry;
        for (String key : path) {
            value = value instanceof Map<?, ?> inner ? inner.get(key) : null;
        }
        return value;
    }

    private static String country(Object value) {
        if (!(value instanceof String code) || !CODE.matcher(code).matches()) {
            return null; // Some files write the country's name under the same key.
        }
        String upper = code.toUpperCase(Locale.ROOT);
        return NO_COUNTRY.contains(upper) ? null : upper;
    }

    private static String text(Object value) {
        return value instanceof String s && !s.isBlank() ? s.strip() : null;
    }

    private static Double number(Object value) {
        if (value instanceof Number n) {
            return n.doubleValue();
        }
        try {
            return value instanceof String s && !s.isBlank() ? Double.valueOf(s.strip()) : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static Long asn(Object value) {
        String written = value instanceof Number n ? Long.toString(n.longValue()) : text(value);
        Matcher matcher = written == null ? null : AS_NUMBER.matcher(written);
        if (matcher == null || !matcher.matches()) {
            return null;
        }
        long number = Long.parseLong(matcher.group(1));
        return number == 0 || number > LAST_ASN ? null : number;
    }

    private static List<List<String>> paths(String... dotted) {
        return List.of(dotted).stream().map(p -> List.of(p.split("\\."))).toList();
    }
}
