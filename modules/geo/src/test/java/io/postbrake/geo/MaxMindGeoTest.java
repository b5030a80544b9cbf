package io.postbrake.geo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.testkit.MmdbWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaxMindGeoTest {

    @TempDir
    private Path dir;

    @Test
    void bothKeyLayoutsAreUnderstoodAndMerged() throws IOException {
        Path city = nested("city.mmdb", "BR");
        Path asn = dir.resolve("asn.mmdb");
        MmdbWriter.write(
                asn,
                "asn",
                Map.of(
                        "201.91.0.0/16",
                                Map.of(
                                        "autonomous_system_number",
                                        27699,
                                        "autonomous_system_organization",
                                        "Telefonica"),
                        "2001:db8::/32", Map.of("country_code", "FR", "latitude", 48.85, "longitude", 2.35)));

        try (MaxMindGeo geo = MaxMindGeo.open(List.of(city, asn))) {
            assertThat(geo.lookup("201.91.101.26"))
                    .isEqualTo(new GeoInfo(
                            "BR", "Sao Paulo", -23.55, -46.63, 50.0, 27699L, "Telefonica", "201.91.0.0/16"));
            assertThat(geo.lookup("2001:db8::1").country()).isEqualTo("FR");
        }
    }

    @Test
    void whatIsUnknownIsNeverAPlaceInTheAtlantic() throws IOException {
        try (MaxMindGeo geo = MaxMindGeo.open(List.of(nested("city.mmdb", "BR")))) {
            assertThat(geo.lookup("192.0.2.1")).isEqualTo(GeoInfo.UNKNOWN);
            assertThat(geo.lookup("not.an.address.example")).isEqualTo(GeoInfo.UNKNOWN);
            assertThat(geo.lookup("")).isEqualTo(GeoInfo.UNKNOWN);
        }
    }

    @Test
    void aChangedFileIsTakenUpAndABrokenOneLeavesTheOldInUse() throws IOException {
        Path file = nested("city.mmdb", "BR");
        try (MaxMindGeo geo = MaxMindGeo.open(List.of(file))) {
            Files.move(nested("new.mmdb", "AR"), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(1));
            assertThat(geo.reloadIfChanged()).isTrue();
            assertThat(geo.lookup("201.91.101.26").country()).isEqualTo("AR");

            Files.writeString(file, "broken");

            assertThat(geo.reloadIfChanged()).isFalse();
            assertThat(geo.problems()).singleElement().asString().contains("city.mmdb");
            assertThat(geo.lookup("201.91.101.26").country()).isEqualTo("AR");
        }
    }

    @Test
    void aMissingFileFailsAtStartAndIsNamed() {
        assertThatThrownBy(() -> MaxMindGeo.open(List.of(dir.resolve("absent.mmdb"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("absent.mmdb");
    }

    @Test
    void aPlacesUncertaintyComesFromTheFileThatTheCoordinatesComeFrom() throws IOException {
        Path flat = dir.resolve("flat.mmdb");
        MmdbWriter.write(
                flat,
                "flat",
                Map.of("201.91.0.0/16", Map.of("country_code", "BR", "latitude", -8.05, "longitude", -34.9)));

        try (MaxMindGeo geo = MaxMindGeo.open(List.of(flat, nested("city.mmdb", "BR")))) {
            GeoInfo info = geo.lookup("201.91.101.26");
            assertThat(info.latitude()).isEqualTo(-8.05);
            assertThat(info.radiusKm()).isEqualTo(PlaceUncertainty.COUNTRY_KM);
            assertThat(info.city()).isEqualTo("Sao Paulo");
        }
    }

    @Test
    void aPlaceIsNotTakenFromAFileThatSaysAnotherCountry() throws IOException {
        Path country = dir.resolve("country.mmdb");
        MmdbWriter.write(country, "country", Map.of("201.91.0.0/16", Map.of("country_code", "AR")));

        try (MaxMindGeo geo = MaxMindGeo.open(List.of(country, nested("city.mmdb", "BR")))) {
            GeoInfo info = geo.lookup("201.91.101.26");
            assertThat(info.country()).isEqualTo("AR");
            assertThat(info.city()).isNull();
            assertThat(info.latitude()).isNull();
        }
    }

    @Test
    void zeroZeroAndPlacesOffTheEarthAreNoPlaces() throws IOException {
        Path file = dir.resolve("bad.mmdb");
        MmdbWriter.write(
                file,
                "flat",
                Map.of(
                        "192.0.2.0/25", Map.of("country_code", "DE", "latitude", 0.0, "longitude", 0.0),
                        "192.0.2.128/25", Map.of("country_code", "DE", "latitude", 520.0, "longitude", 13.0)));

        try (MaxMindGeo geo = MaxMindGeo.open(List.of(file))) {
            assertThat(geo.lookup("192.0.2.1").latitude()).isNull();
            assertThat(geo.lookup("192.0.2.200").latitude()).isNull();
            assertThat(geo.lookup("192.0.2.200").country()).isEqualTo("DE");
        }
    }

    @Test
    void aFileThatIsBrokenInsideIsRefusedAtTheStartAndWhenItIsReplaced() throws IOException {
        Path file = nested("city.mmdb", "BR");
        byte[] whole = Files.readAllBytes(file);
        byte[] broken = whole.clone();
        // The tree leads beyond the data.
        for (int i = 0; i < 400; i++) {
            broken[i] = (byte) 0x7f;
        }
        Path other = Files.write(dir.resolve("other.mmdb"), broken);

        assertThatThrownBy(() -> MaxMindGeo.open(List.of(other))).hasMessageContaining("other.mmdb");
        try (MaxMindGeo geo = MaxMindGeo.open(List.of(file))) {
            Files.write(file, broken);
            Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(1));
            assertThat(geo.reloadIfChanged()).isFalse();
            assertThat(geo.problems()).hasSize(1);
            assertThat(geo.lookup("201.91.101.26").country()).isEqualTo("BR");

            Files.delete(file);
            assertThat(geo.reloadIfChanged()).isFalse();
            assertThat(geo.lookup("201.91.101.26").country()).isEqualTo("BR");

            Files.write(file, whole);
            geo.reloadIfChanged();
            assertThat(geo.problems()).isEmpty();
        }
    }

    @Test
    void aWiderNetworkDoesNotSilentlyReplaceANarrowerOne() {
        Map<String, Map<String, Object>> overlapping =
                Map.of("201.91.128.0/17", Map.of("country_code", "BR"), "201.91.0.0/16", Map.of("country_code", "AR"));

        assertThatThrownBy(() -> MmdbWriter.write(dir.resolve("overlap.mmdb"), "flat", overlapping))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("overlaps");
    }

    private Path nested(String name, String country) throws IOException {
        Path file = dir.resolve(name);
        MmdbWriter.write(
                file,
                "GeoLite2-City",
                Map.of(
                        "201.91.0.0/16",
                        Map.of(
                                "country", Map.of("iso_code", country),
                                "city", Map.of("names", Map.of("en", "Sao Paulo")),
                                "location", Map.of("latitude", -23.55, "longitude", -46.63, "accuracy_radius", 50))));
        return file;
    }
}
