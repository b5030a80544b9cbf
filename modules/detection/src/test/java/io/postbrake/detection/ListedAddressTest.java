package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.detector.Family;
import io.postbrake.detection.detector.Risk;
import io.postbrake.finding.Finding;
import io.postbrake.geo.Listing;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What others say of an address. */
class ListedAddressTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");
    private static final String LISTED = "listed-address";
    private static final Listing DROP = new Listing("drop", "abuse", Instant.parse("2026-03-01T05:00:00Z"));
    private static final Listing VPN = new Listing("vpn", "anonymous", null);
    private static final Listing CLOUD = new Listing("cloud", "hosting", null);
    /** As heavy as it may be set. */
    private static final Map<String, Object> HEAVY = Map.of(
            "detectors.listed-address.abuse", 2,
            "detectors.listed-address.anonymous", 2,
            "detectors.listed-address.hosting", 2);

    private World world = new World();

    @Test
    void mailFromAListedAddressIsTold() {
        world.lists(World.SPAIN, DROP, VPN);

        world.sends("ann", World.SPAIN, T);

        Finding found = world.findingsOf(LISTED).get(0);
        assertThat(found.getTitle())
                .isEqualTo(
                        "Mail from " + World.SPAIN + ", which is on the list drop (abuse) since 2026-03-01 and 1 more");
        assertThat(found.getSubject()).isEqualTo("ann");
        assertThat(world.submissions.get(0).getListed()).hasSize(2);
        assertThat(weight(found)).isEqualTo(1.5, offset(1e-9));
    }

    @Test
    void itWeighsAsItsKindIsSet() {
        world = new World(DetectionConfig.of(Map.of("detectors.listed-address.hosting", 0.4)));
        world.lists(World.SPAIN, CLOUD);

        world.sends("ann", World.SPAIN, T);

        assertThat(weight(world.findingsOf(LISTED).get(0))).isEqualTo(0.4, offset(1e-9));
    }

    @Test
    void whoIsAtHomeThereIsLeftAlone() {
        for (int day = 0; day < 20; day++) {
            world.sends("ann", World.HOME, T.plus(Duration.ofDays(day)));
        }
        world.lists(World.HOME, VPN, DROP, CLOUD);

        world.sends("ann", World.HOME, T.plus(Duration.ofDays(20)));

        assertThat(world.findingsOf(LISTED)).isEmpty();
    }

    /** New accounts and old ones, at home and abroad, few messages and some more, on as many lists as there are, at the most. */
    @Test
    void noNumberOfListsBlocksOrOpensAnIncidentByItself() {
        world = new World(DetectionConfig.of(HEAVY));
        Listing[] many = new Listing[30];
        for (int i = 0; i < many.length; i++) {
            many[i] = new Listing(
                    "list" + i, List.of("abuse", "anonymous", "hosting").get(i % 3), null);
        }
        for (String ip : List.of(World.HOME, World.SPAIN, World.BRAZIL)) {
            world.lists(ip, many);
        }

        for (int account = 0; account < 5; account++) {
            String ip = List.of(World.HOME, World.SPAIN, World.BRAZIL).get(account % 3);
            for (int day = 0; day < 12; day++) {
                Instant morning = T.plus(Duration.ofDays(day)).plusSeconds(61L * account);
                for (int message = 0; message < 3; message++) {
                    world.sends("user" + account, ip, morning.plusSeconds(900L * message));
                }
            }
        }

        assertThat(world.findingsOf(LISTED)).isNotEmpty().allMatch(f -> f.getScore() < 0.01);
        assertThat(world.puts).isEmpty();
        assertThat(world.alerts).isEmpty();
    }

    @Test
    void itWeighsInWithWhatIsSeenOfTheAccount() {
        double without = riskOfABurst(new World());
        World listed = new World();
        listed.lists(World.BRAZIL, DROP);

        assertThat(riskOfABurst(listed)).isGreaterThan(without);
    }

    @Test
    void onNoListNothingChanges() {
        world.sends("ann", World.SPAIN, T);

        assertThat(world.submissions).allMatch(s -> s.getListed() == null);
        assertThat(world.findingsOf(LISTED)).isEmpty();
    }

    @Test
    void aWeightThatCouldDecideIsRefused() {
        assertThatThrownBy(() -> DetectionConfig.of(Map.of("detectors.listed-address.abuse", 5)))
                .hasMessageContaining("detectors.listed-address.abuse")
                .hasMessageContaining("2");
    }

    /** An owner of twenty days, then some messages from abroad that alone are not enough. */
    private static double riskOfABurst(World world) {
        for (int day = 0; day < 20; day++) {
            world.sends("ann", World.HOME, T.plus(Duration.ofDays(day)));
        }
        Instant night = T.plus(Duration.ofDays(20)).plus(Duration.ofHours(13));
        for (int message = 0; message < 3; message++) {
            world.sends("ann", World.BRAZIL, night.plusSeconds(40L * message));
        }
        var risk = new Risk(0.001);
        world.stateOf("ann").getFindings().forEach(f -> risk.add(new Family(f.getDetector()), f.getScore()));
        return risk.probability();
    }

    private static double weight(Finding f) {
        return Risk.weight(f.getScore(), 0.001);
    }
}
