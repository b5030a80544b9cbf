package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.alert.Alert;
import io.postbrake.control.AllowEntry;
import io.postbrake.control.Control;
import io.postbrake.detection.config.AllowList;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.config.RuntimeConfig;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");
    private static final Path PAGE = Path.of("../../docs/configuration.md");

    @Test
    void everyDetectorsIdHasItsDryRunAndItsRowInTheReadme() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("../../README.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(1, line.indexOf('|', 1)))
                .toList();
        List<String> ids = DetectionConfig.defaults().detectors().ids();

        for (String id : ids) {
            DetectionConfig config = DetectionConfig.of(Map.of("detectors." + id + ".dry-run", "true"));
            assertThat(config.dryRun()).containsExactly(id);
            assertThat(rows).as("rows of the README").anyMatch(row -> row.contains("`" + id + "`"));
        }
        assertThat(ids)
                .contains("velocity-ceiling", "shared-network", "new-country-for-fleet")
                .doesNotHaveDuplicates();
    }

    @Test
    void thePageNamesEveryKeyWithItsDefault() throws IOException {
        Map<String, String> documented = Pattern.compile("(?m)^\\| `([a-z0-9.-]+)` \\| `?([^`|]*?)`? \\|")
                .matcher(Files.readString(PAGE))
                .results()
                .collect(Collectors.toMap(
                        (MatchResult m) -> m.group(1),
                        m -> m.group(2).strip(),
                        (a, b) -> a + " and " + b,
                        TreeMap::new));

        Map<String, String> keys = new TreeMap<>();
        DetectionConfig.keys()
                .forEach((key, value) -> keys.put(key.endsWith(".dry-run") ? "detectors.id.dry-run" : key, value));
        assertThat(documented).isEqualTo(keys);
    }

    @Test
    void aMisspeltKeyIsAnsweredWithTheOneThatWasMeant() {
        assertThatThrownBy(() -> DetectionConfig.of(Map.of("risk", Map.of("hodl", 0.4))))
                .hasMessageContaining("risk.hodl")
                .hasMessageContaining("'0.4'")
                .hasMessageContaining("did you mean risk.hold?");
        assertThatThrownBy(() -> DetectionConfig.of(Map.of("detectors", Map.of("new-county", Map.of("dry-run", true)))))
                .hasMessageContaining("did you mean detectors.new-country.dry-run?");
    }

    @Test
    void anEntryWithoutReasonOrWithABadNetworkOrEndIsRefused() {
        assertThatThrownBy(() -> allow("accounts", Map.of("subject", "ann")))
                .hasMessageContaining("allow.accounts.reason");
        assertThatThrownBy(() -> allow("networks", Map.of("subject", "192.0.2.1/24", "reason", "x")))
                .hasMessageContaining("allow.networks.subject")
                .hasMessageContaining("192.0.2.1/24");
        assertThatThrownBy(() -> allow("domains", Map.of("subject", "a@b", "reason", "x")))
                .hasMessageContaining("example.org");
        assertThatThrownBy(() -> allow("accounts", Map.of("subject", "ann", "reason", "x", "until", "soon")))
                .hasMessageContaining("allow.accounts.until")
                .hasMessageContaining("2027-01-31");
        assertThatThrownBy(() -> allow("accounts", Map.of("subject", "ann", "raeson", "x")))
                .hasMessageContaining("raeson");
    }

    @Test
    void accountsNetworksAndDomainsAreAllowedUntilTheirEnd() {
        AllowList list = DetectionConfig.of(Map.of(
                        "allow",
                        Map.of(
                                "accounts", List.of(Map.of("subject", "Ann", "reason", "newsletter")),
                                "networks",
                                        List.of(
                                                Map.of("subject", "198.51.100.0/24", "reason", "scanner"),
                                                Map.of("subject", "2001:db8::/32", "reason", "office")),
                                "domains",
                                        List.of(Map.of(
                                                "subject",
                                                "@example.org",
                                                "reason",
                                                "moving",
                                                "until",
                                                "2026-04-01")))))
                .allow();

        assertThat(list.find("sasl_user:ann", T).reason()).isEqualTo("newsletter");
        assertThat(list.find("sasl_user:anna", T)).isNull();
        assertThat(list.find("client_ip:198.51.100.7", T).reason()).isEqualTo("scanner");
        assertThat(list.find("client_ip:198.51.101.7", T)).isNull();
        assertThat(list.find("client_ip:2001:db8:5::1", T).reason()).isEqualTo("office");
        assertThat(list.find("sasl_user:bob@example.org", T).reason()).isEqualTo("moving");
        assertThat(list.find("sasl_user:bob@example.org", Instant.parse("2026-04-01T00:00:00Z")))
                .isNull();
        assertThat(list.find("sasl_user:bob@sub.example.org", T)).isNull();
    }

    @Test
    void anAllowedAccountIsToldOfAndNotBlocked() {
        World world = new World(allow("accounts", Map.of("subject", "ann", "reason", "newsletter")));

        burst(world, "ann");

        assertThat(world.blockOf("ann")).isNull();
        assertThat(world.alertStates()).contains("FIRING");
    }

    @Test
    void aBlockIsLiftedWhenItsAccountBecomesAllowed() {
        World world = new World();
        burst(world, "ann@example.org");
        assertThat(world.blockOf("ann@example.org")).isNotNull();

        world.configured(allow("domains", Map.of("subject", "example.org", "reason", "moving")));
        world.tick(SubjectKeys.account("ann@example.org"), T.plusSeconds(700));

        assertThat(world.blockOf("ann@example.org")).isNull();
        Alert told = world.alerts.get(world.alerts.size() - 1);
        assertThat(told.getDescription()).contains("moving");
        assertThat(told.getAction()).isEqualTo("observe");
    }

    @Test
    void aDetectorOnDryRunFindsAndTellsWhatItWouldDoAndBlocksNobody() {
        World world = new World(dryRun("velocity-ceiling", "velocity-history"));

        burst(world, "ann");

        assertThat(world.blockOf("ann")).isNull();
        assertThat(world.findingsOf("velocity-ceiling")).isNotEmpty().allMatch(Finding::getDryRun);
        Alert told = world.alerts.get(world.alerts.size() - 1);
        assertThat(told.getAction()).isEqualTo("observe");
        assertThat(told.getDryRunAction()).isEqualTo("hold");
        assertThat(told.getDescription()).contains("would hold");
    }

    @Test
    void whatADryRunFoundBlocksNobodyAfterItEnds() {
        World world = new World(dryRun("velocity-ceiling", "velocity-history"));
        burst(world, "ann");

        world.configured(DetectionConfig.defaults());
        world.sends("ann", World.HOME, T.plusSeconds(86_000));

        assertThat(world.blockOf("ann")).isNull();
    }

    @Test
    void aRecordReplacesTheFilesConfigurationAndItsTombstoneGivesItBack() {
        DetectionConfig file = DetectionConfig.of(Map.of("risk.hold", 0.6));
        Control said = RuntimeConfig.record(Map.of("risk", Map.of("hold", 0.4)))
                .setActor("ann")
                .setReason("too late")
                .setAt(T)
                .build();

        RuntimeConfig controls = RuntimeConfig.of(file).with(RuntimeConfig.CONFIGURATION, said);

        assertThat(controls.config().risk().hold()).isEqualTo(0.4);
        assertThat(controls.with(RuntimeConfig.CONFIGURATION, null).config()).isEqualTo(file);
    }

    /** Earlier builds told apart what is one name now. */
    @ParameterizedTest
    @CsvSource({
        "accounts, straße@my-domain.net, strasse@my-domain.net",
        "accounts, οδός@my-domain.net, οδόσ@my-domain.net",
        "domains, groß.example, gross.example",
        "networks, 203.0.113.0/24, 203.0.113.0/24"
    })
    void whatAnEarlierBuildAllowedStaysAllowedUntilItIsWithdrawn(String type, String subject, String name) {
        Control said = Control.newBuilder()
                .setAllow(List.of(new AllowEntry(type, subject, "ours", null)))
                .setActor("ann")
                .setReason("ours")
                .setAt(T)
                .build();

        RuntimeConfig controls =
                RuntimeConfig.of(DetectionConfig.defaults()).with("allow:" + type + ":" + subject, said);

        assertThat(controls.config().allow().entries())
                .extracting(AllowList.Entry::subject)
                .containsExactly(name);
        assertThat(controls.with("allow:" + type + ":" + name, null)
                        .config()
                        .allow()
                        .entries())
                .isEmpty();
    }

    @Test
    void aBadRecordIsRefusedWithKeyAndValue() {
        RuntimeConfig controls = RuntimeConfig.of(DetectionConfig.defaults());
        Control bad = Control.newBuilder()
                .setSettings(Map.of("risk.hold", "lots"))
                .setActor("ann")
                .setReason("x")
                .setAt(T)
                .build();
        AllowEntry entry = new AllowEntry("networks", "10.0.0.0/33", "x", null);
        Control badAllow = Control.newBuilder(bad)
                .setSettings(Map.of())
                .setAllow(List.of(entry))
                .build();

        assertThatThrownBy(() -> controls.with(RuntimeConfig.CONFIGURATION, bad))
                .hasMessageContaining("risk.hold")
                .hasMessageContaining("lots");
        assertThatThrownBy(() -> controls.with("allow:networks:10.0.0.0/33", badAllow))
                .hasMessageContaining("10.0.0.0/33");
        assertThatThrownBy(() -> controls.with("allow:domains:other.example", badAllow))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> controls.with("else", bad)).hasMessageContaining("else");
    }

    private static void burst(World world, String login) {
        for (int i = 0; i < 60; i++) {
            world.sends(login, World.HOME, T.plusSeconds(10L * i));
        }
    }

    private static DetectionConfig allow(String type, Map<String, Object> entry) {
        return DetectionConfig.of(Map.of("allow", Map.of(type, List.of(entry))));
    }

    private static DetectionConfig dryRun(String... detectors) {
        Map<String, Object> settings = new TreeMap<>();
        for (String detector : detectors) {
            settings.put("detectors." + detector + ".dry-run", true);
        }
        return DetectionConfig.of(settings);
    }
}
