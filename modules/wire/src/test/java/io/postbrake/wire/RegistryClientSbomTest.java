package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The bill of materials of the classes that the registry's client brings under names that no scanner knows. */
class RegistryClientSbomTest {
    private static final Pattern BUNDLED = Pattern.compile("(?m)^- ([\\w.-]+):([\\w.-]+):([\\w.-]+)$");

    @Test
    void namesWhatTheClientsOwnNoticeNames() throws IOException {
        // Given
        Set<String> bundled = new TreeSet<>();
        BUNDLED.matcher(new String(resource("META-INF/NOTICE"), StandardCharsets.UTF_8))
                .results()
                .forEach(m ->
                        bundled.add("pkg:maven/" + m.group(1) + "/" + m.group(2) + "@" + m.group(3) + "?type=jar"));
        // When
        JsonNode bill = new ObjectMapper().readTree(resource("META-INF/sbom/registry-client.cdx.json"));
        // Then
        Set<String> named = new TreeSet<>();
        bill.path("components").forEach(c -> named.add(c.path("purl").asText()));
        assertThat(bundled).hasSizeGreaterThan(10);
        assertThat(named).isEqualTo(bundled);
    }

    /** Of the same place as our classes: other jars have a notice, too. */
    private static byte[] resource(String name) throws IOException {
        URI here = URI.create(WireFormat.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toString());
        return Files.readAllBytes(Path.of(here).resolve(name));
    }
}
