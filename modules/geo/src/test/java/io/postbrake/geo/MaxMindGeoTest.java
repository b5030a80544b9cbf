package io.postbrake.geo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
