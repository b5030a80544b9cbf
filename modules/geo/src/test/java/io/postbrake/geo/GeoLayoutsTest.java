package io.postbrake.geo;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.testkit.MmdbWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each maker's names for the same facts, as their files have them. */
class GeoLayoutsTest {

    private static final String NET = "198.51.100.0/24";

    @TempDir
    private Path dir;

    static Stream<Arguments> layouts() {
        var exact = new GeoInfo("CL", "Valdivia", -39.81, -73.25, 20.0, null, null, NET);
        var unsure = new GeoInfo("CL", "Valdivia", -39.81, -73.25, PlaceUncertainty.CITY_KM, null, null, NET);
        var middle = new GeoInfo("CL", null, -35.7, -71.5, PlaceUncertainty.COUNTRY_KM, null, null, NET);
        var country = new GeoInfo("CL", null, null, null, null, null, null, NET);
        var network = new GeoInfo(null, null, null, null, null, 64_501L, "Example Net", NET);
        var both = new GeoInfo("CL", null, null, null, null, 64_501L, "Example Net", NET);
        return Stream.of(
                Arguments.of(
                        "GeoLite2-City",
                        Map.of(
                                "country", Map.of("iso_code", "CL", "geoname_id", 7),
                                "registered_country", Map.of("iso_code", "AR"),
                                "city", Map.of("names", Map.of("en", "Valdivia", "de", "Baldivien")),
                                "location", location(-39.81, -73.25, 20)),
                        exact),
                Arguments.of(
                        "GeoIP2-Enterprise",
                        Map.of(
                                "country",
                                Map.of("iso_code", "CL"),
                                "traits",
                                Map.of(
                                        "autonomous_system_number",
                                        64_501,
                                        "autonomous_system_organization",
                                        "Example Net")),
                        both),
                Arguments.of("GeoLite2-Country", Map.of("registered_country", Map.of("iso_code", "CL")), country),
                Arguments.of(
                        "GeoLite2-ASN",
                        Map.of("autonomous_system_number", 64_501, "autonomous_system_organization", "Example Net"),
                        network),
                Arguments.of(
                        "DBIP-City-Lite",
                        Map.of(
                                "country", Map.of("iso_code", "CL", "is_in_european_union", false),
                                "city", Map.of("names", Map.of("en", "Valdivia")),
                                "location", Map.of("latitude", -39.81, "longitude", -73.25)),
                        unsure),
                Arguments.of(
                        "ipinfo generic_country_free_country_asn.mmdb",
                        Map.of("country", "CL", "country_name", "Chile", "asn", "AS64501", "as_name", "Example Net"),
                        both),
                Arguments.of(
                        "ipinfo lite.mmdb",
                        Map.of("country", "Chile", "country_code", "CL", "asn", "AS64501", "as_name", "Example Net"),
                        both),
                Arguments.of(
                        "ipinfo standard_location.mmdb",
                        Map.of("country", "CL", "city", "Valdivia", "lat", "-39.81", "lng", "-73.25"),
                        unsure),
                Arguments.of(
                        "ipinfo extended_location.mmdb",
                        Map.of("country", "CL", "city", "Valdivia", "lat", "-39.81", "lng", "-73.25", "radius", "20"),
                        exact),
                Arguments.of(
                        "ipinfo standard_asn.mmdb",
                        Map.of("asn", "AS64501", "name", "Example Net", "domain", "example.net"),
                        network),
                Arguments.of("ip-location-db country", Map.of("country_code", "CL"), country),
                Arguments.of(
                        "ip-location-db city",
                        Map.of("country_code", "CL", "city", "Valdivia", "latitude", -39.81, "longitude", -73.25),
                        unsure),
                Arguments.of(
                        "ip-location-db city, middle of the country",
                        Map.of("country_code", "CL", "city", "", "latitude", -35.7, "longitude", -71.5),
                        middle),
                Arguments.of(
                        "Geo Open",
                        Map.of(
                                "country",
                                Map.of(
                                        "iso_code", "CL",
                                        "AutonomousSystemNumber", "64501",
                                        "AutonomousSystemOrganization", "Example Net")),
                        both));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layouts")
    void itIsRead(String type, Map<String, Object> entry, GeoInfo expected) throws IOException {
        Path file = dir.resolve("file.mmdb");
        MmdbWriter.write(file, type, Map.of(NET, entry));

        try (MaxMindGeo geo = MaxMindGeo.open(List.of(file))) {
            assertThat(geo.lookup("198.51.100.77")).isEqualTo(expected);
        }
    }

    @Test
    void whatIsNoFactIsNone() {
        Map<String, Object> entry = Map.of(
                "country_code", "ZZ",
                "country", "Chile",
                "city", " ",
                "lat", "north",
                "lng", "",
                "asn", "AS0",
                "as_name", "");

        assertThat(GeoRecord.read(entry, NET)).isSameAs(GeoInfo.UNKNOWN);
    }

    @Test
    void noughtKilometresAreNoExactness() {
        Map<String, Object> entry = Map.of("location", location(-35.7, -71.5, 0));

        assertThat(GeoRecord.read(entry, NET).radiusKm()).isEqualTo(PlaceUncertainty.COUNTRY_KM);
    }

    private static Map<String, Object> location(double latitude, double longitude, int radius) {
        return Map.of("latitude", latitude, "longitude", longitude, "accuracy_radius", radius);
    }
}
