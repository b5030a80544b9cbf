package io.postbrake.geo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of three makers as npm has them. Fetched into a folder of the test's own; their licences keep them out of here. */
@Tag("soak")
@Timeout(600)
class RealFilesIT {

    /** One address, and how translators and tunnels would write it. */
    private static final List<String> BRITISH =
            List.of("81.2.69.142", "::ffff:81.2.69.142", "64:ff9b::5102:458e", "2002:5102:458e::1");

    private static final String GERMAN_IPV6 = "2a02:8100::1";
    private static final List<String> NOWHERE =
            List.of("192.168.1.1", "10.1.1.1", "100.64.1.1", "127.0.0.1", "fd00::1");

    @TempDir
    private Path dir;

    @ParameterizedTest
    @CsvSource({
        "dbip-country-mmdb@2.3.2026060120, dbip-country",
        "geo-whois-asn-country-mmdb@2.3.2026061719, geo-whois-asn-country",
        "geolite2-country-mmdb@2.3.2026061719, geolite2-country",
        "iptoasn-country-mmdb@2.3.2026061719, iptoasn-country"
    })
    void countriesAreReadFromFilesOfBothFamiliesAndOfOne(String npm, String name) throws Exception {
        Path folder = fetched(npm);

        try (MaxMindGeo both = MaxMindGeo.open(List.of(folder.resolve(name + ".mmdb")));
                MaxMindGeo ipv4 = MaxMindGeo.open(List.of(folder.resolve(name + "-ipv4.mmdb")));
                MaxMindGeo ipv6 = MaxMindGeo.open(List.of(folder.resolve(name + "-ipv6.mmdb")))) {
            assertThat(BRITISH)
                    .allSatisfy(ip -> assertThat(both.lookup(ip).country()).isEqualTo("GB"))
                    .allSatisfy(ip -> assertThat(ipv4.lookup(ip).country()).isEqualTo("GB"))
                    .allSatisfy(ip -> assertThat(ipv6.lookup(ip)).isEqualTo(GeoInfo.UNKNOWN));
            assertThat(both.lookup(GERMAN_IPV6).country()).isEqualTo("DE");
            assertThat(ipv6.lookup(GERMAN_IPV6).country()).isEqualTo("DE");
            assertThat(ipv4.lookup(GERMAN_IPV6)).isEqualTo(GeoInfo.UNKNOWN);
            assertThat(NOWHERE).allSatisfy(ip -> assertThat(both.lookup(ip)).isEqualTo(GeoInfo.UNKNOWN));
        }
    }

    @ParameterizedTest
    @CsvSource("geolite2-city-mmdb@2.3.2026061719, geolite2-city")
    void citiesAreReadAndTheMiddleOfACountryIsUnsure(String npm, String name) throws Exception {
        Path folder = fetched(npm);

        try (MaxMindGeo geo =
                MaxMindGeo.open(List.of(folder.resolve(name + "-ipv4.mmdb"), folder.resolve(name + "-ipv6.mmdb")))) {
            assertThat(geo.lookup(BRITISH.get(0)).latitude()).isBetween(50.0, 59.0);
            assertThat(geo.lookup(BRITISH.get(0)).radiusKm()).isEqualTo(PlaceUncertainty.CITY_KM);
            assertThat(geo.lookup("8.8.8.8").city()).isNull();
            assertThat(geo.lookup("8.8.8.8").radiusKm()).isEqualTo(PlaceUncertainty.COUNTRY_KM);
            assertThat(geo.lookup(GERMAN_IPV6).country()).isEqualTo("DE");
        }
    }

    private Path fetched(String npm) throws IOException, InterruptedException {
        assumeThat(onPath("npm")).as("npm is installed").isTrue();
        Path log = dir.resolve("npm.log");
        Process install = new ProcessBuilder(
                        "npm",
                        "install",
                        "--ignore-scripts",
                        "--no-audit",
                        "--no-fund",
                        "--prefix",
                        dir.toString(),
                        "@ip-location-db/" + npm)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(install.waitFor(300, TimeUnit.SECONDS)).as("npm ends").isTrue();
        assertThat(install.exitValue()).as(Files.readString(log)).isZero();
        return dir.resolve("node_modules/@ip-location-db").resolve(npm.substring(0, npm.indexOf('@')));
    }

    private static boolean onPath(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
