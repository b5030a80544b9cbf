package io.postbrake.geo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.testkit.MmdbWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeoFileTest {

    private static final Map<String, Object> FINLAND = Map.of("country_code", "FI");

    @TempDir
    private Path dir;

    @Test
    void aFileThatSaysNothingIsRefusedWithItsTypeAndTheKeysThatItHas() throws IOException {
        Path file = dir.resolve("privacy.mmdb");
        MmdbWriter.write(
                file,
                "ipinfo privacy.mmdb",
                Map.of(
                        "198.51.100.0/24", Map.of("vpn", "true", "proxy", ""),
                        "203.0.113.0/24", Map.of("tor", "", "traits", Map.of("is_anonymous", true))));

        assertThatThrownBy(() -> MaxMindGeo.open(List.of(file)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        file.toString(),
                        "'ipinfo privacy.mmdb'",
                        "in 2 entries no country, place or network",
                        "proxy, tor, traits.is_anonymous, vpn");
    }

    @Test
    void aFileWithoutEntriesIsRefused() throws IOException {
        Path file = dir.resolve("none.mmdb");
        MmdbWriter.write(file, "GeoLite2-City", Map.of());

        assertThatThrownBy(() -> MaxMindGeo.open(List.of(file)))
                .hasMessageContainingAll("none.mmdb", "'GeoLite2-City'", "no entries");
    }

    @Test
    void aFileOfPrivateNetworksOnlySaysNothing() throws IOException {
        Path file = dir.resolve("lan.mmdb");
        MmdbWriter.write(file, "lan", Map.of("192.168.0.0/16", FINLAND, "fd00::/8", FINLAND));

        assertThatThrownBy(() -> MaxMindGeo.open(List.of(file))).hasMessageContainingAll("lan.mmdb", "country_code");
    }

    @Test
    void oneEntryWithAFactAmongManyWithoutIsEnough() throws IOException {
        Path file = dir.resolve("sparse.mmdb");
        MmdbWriter.write(
                file,
                "sparse",
                Map.of("192.0.2.0/24", Map.of("note", "-"), "203.0.113.0/24", FINLAND, "198.51.100.0/24", Map.of()));

        try (MaxMindGeo geo = MaxMindGeo.open(List.of(file))) {
            assertThat(geo.lookup("203.0.113.1").country()).isEqualTo("FI");
        }
    }

    @Test
    void aPrivateAddressHasNoPlaceAlthoughTheFileGivesOne() throws IOException {
        Path file = dir.resolve("all.mmdb");
        MmdbWriter.write(file, "all", Map.of("192.168.0.0/16", FINLAND, "192.0.2.0/24", FINLAND, "fd00::/8", FINLAND));

        try (MaxMindGeo geo = MaxMindGeo.open(List.of(file))) {
            assertThat(List.of("192.168.7.7", "fd00::7", "::ffff:192.168.7.7", "64:ff9b::192.168.7.7"))
                    .allSatisfy(ip -> assertThat(geo.lookup(ip)).isEqualTo(GeoInfo.UNKNOWN));
            assertThat(geo.lookup("192.0.2.7").country()).isEqualTo("FI");
        }
    }

    @Test
    void anIpv6AddressIsNotLookedUpInAFileOfIpv4() throws IOException {
        Path file = dir.resolve("ipv4.mmdb");
        // The leading 32 bits of 2001:db8::1, read as IPv4.
        MmdbWriter.writeIpv4(file, "ipv4", Map.of("32.1.13.0/24", FINLAND, "198.51.100.0/24", FINLAND));

        try (MaxMindGeo geo = MaxMindGeo.open(List.of(file))) {
            assertThat(geo.lookup("2001:db8::1")).isEqualTo(GeoInfo.UNKNOWN);
            assertThat(geo.lookup("32.1.13.184").country()).isEqualTo("FI");
            assertThat(geo.failures()).isZero();
            assertThat(geo.lookup("10.1.1.1")).isEqualTo(GeoInfo.UNKNOWN);
            assertThat(geo.lookups()).isEqualTo(2);
            assertThat(geo.unknown()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "198.51.100.9",
        "::ffff:198.51.100.9",
        "64:ff9b::c633:6409",
        "2002:c633:6409::1",
        "2001:0:c000:201:0:ffff:39cc:9bf6"
    })
    void aClientBehindATranslatorOrATunnelIsWhereItsOwnAddressIs(String ip) throws IOException {
        Path file = dir.resolve("ipv4.mmdb");
        MmdbWriter.writeIpv4(file, "ipv4", Map.of("198.51.100.0/24", FINLAND));

        try (MaxMindGeo geo = MaxMindGeo.open(List.of(file))) {
            assertThat(geo.lookup(ip).country()).isEqualTo("FI");
            assertThat(geo.lookup(ip).network()).isEqualTo("198.51.100.0/24");
        }
    }

    @Test
    void aFileThatTurnsVoidLeavesTheOldInUseAndIsAProblem() throws IOException {
        Path file = dir.resolve("country.mmdb");
        MmdbWriter.write(file, "country", Map.of("198.51.100.0/24", FINLAND));
        try (MaxMindGeo geo = MaxMindGeo.open(List.of(file))) {
            MmdbWriter.write(file, "anonymous", Map.of("198.51.100.0/24", Map.of("is_anonymous", true)));
            Files.setLastModifiedTime(file, FileTime.fromMillis(1));

            assertThat(geo.reloadIfChanged()).isFalse();

            assertThat(geo.lookup("198.51.100.9").country()).isEqualTo("FI");
            assertThat(geo.problems())
                    .singleElement()
                    .asString()
                    .contains("country.mmdb", "'anonymous'", "is_anonymous");
        }
    }

    @Test
    void aWrongKindOfFileIsNamed() throws IOException {
        byte[] right = right();
        assertThat(refusal("a.mmdb.gz", gzip(right))).contains("a.mmdb.gz", "gzip", "unpack");
        assertThat(refusal("a.csv", text("network,country\n198.51.100.0/24,FI\n")))
                .contains("CSV");
        assertThat(refusal("a.tsv", text("198.51.100.0\t198.51.100.255\tFI\n"))).contains("CSV");
        assertThat(refusal("b.csv", text("\"16777216\",\"16777471\",\"AU\"\n"))).contains("CSV");
        assertThat(refusal("mail.log", text("Nov  1 10:00:00 mx1 postfix/smtpd[7]: A1: client=x[192.0.2.1], y\n")))
                .contains("it is text");
        assertThat(refusal("a.html", text("<!doctype html><title>Sign in</title>")))
                .contains("HTML");
        assertThat(refusal("a.json", text("{\"error\": \"quota\"}"))).contains("JSON");
        assertThat(refusal("a.lfs", text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")))
                .contains("Git LFS");
        assertThat(refusal("a.txt", text("Invalid licence key\n"))).contains("text");
        assertThat(refusal("empty", new byte[0])).contains("empty");
        assertThat(refusal("a.zip", new byte[] {'P', 'K', 3, 4, 0, 0})).contains("zip");
        assertThat(refusal("cut", Arrays.copyOf(right, right.length / 2))).contains("cut short");
        assertThat(refusal("random", new byte[100_000])).contains("no MaxMind DB");
        assertThatThrownBy(() -> MaxMindGeo.open(List.of(dir))).hasMessageContaining("directory");
    }

    @Test
    void aFileThatIsCutAnywhereIsNeitherTakenNorEndsInAnythingButARefusal() throws IOException {
        byte[] right = right();
        for (int length = 0; length < right.length; length += 7) {
            assertThat(refusal("cut" + length, Arrays.copyOf(right, length))).contains("cut" + length);
        }
    }

    private byte[] right() throws IOException {
        Path file = dir.resolve("right.mmdb");
        MmdbWriter.write(file, "country", Map.of("198.51.100.0/24", FINLAND));
        return Files.readAllBytes(file);
    }

    private String refusal(String name, byte[] content) throws IOException {
        Path file = Files.write(dir.resolve(name), content);
        try (MaxMindGeo geo = MaxMindGeo.open(List.of(file))) {
            return "taken";
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }
}
