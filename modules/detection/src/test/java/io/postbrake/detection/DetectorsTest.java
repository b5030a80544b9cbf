package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.profile.OpenWindow;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Finding;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DetectorsTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");
    private static final String CLIENT = SubjectKeys.client(World.BRAZIL);

    private final World world = new World();

    @Test
    void ceilingOfMessagesFiresAtTheLimitAndNotBefore() {
        World strict = new World(
                DetectionConfig.of(Map.of("detectors", Map.of("velocity-ceiling", Map.of("messages-per-hour", 5)))));
        for (int i = 0; i < 4; i++) {
            strict.sends("ann", World.HOME, T.plusSeconds(600L * i));
        }
        assertThat(strict.findingsOf("velocity-ceiling")).isEmpty();

        strict.sends("ann", World.HOME, T.plusSeconds(2400));

        assertThat(strict.findingsOf("velocity-ceiling"))
                .singleElement()
                .satisfies(f -> assertThat(f.getDetector()).isEqualTo("velocity-ceiling"));
        assertThat(strict.blockOf("ann").getAction()).isEqualTo("hold");
    }

    @Test
    void ceilingCountsRecipientsAndOnlyOfTheLastHour() {
        world.sends("ann", World.HOME, T, 499);
        world.sends("ann", World.HOME, T.plusSeconds(3601), 499);
        assertThat(world.puts).isEmpty();

        world.sends("ann", World.HOME, T.plusSeconds(3700), 1);

        assertThat(world.findingsOf("velocity-ceiling")).hasSize(1);
    }

    @Test
    void tailOfTheNegativeBinomialIsExact() {
        // Shape 1 is geometric: P(X >= n) = (1 / (1 + exposure))^n.
        assertThat(OpenWindow.tail(3, 1, 1)).isCloseTo(0.125, within(1e-12));
        assertThat(OpenWindow.tail(20, 1, 9)).isCloseTo(1e-20, within(1e-30));
        assertThat(OpenWindow.tail(0, 5, 2)).isEqualTo(1);
    }

    @Test
    void aRateThatIsNormalForTheAccountIsNoFinding() {
        for (int day = 0; day < 10; day++) {
            for (int i = 0; i < 20; i++) {
                world.sends("newsletter", World.HOME, T.plusSeconds(day * 86_400L + i * 3L));
            }
        }
        world.findings.clear();

        for (int i = 0; i < 20; i++) {
            world.sends("newsletter", World.HOME, T.plusSeconds(10 * 86_400L + i * 3L));
        }

        assertThat(world.findingsOf("velocity-history")).isEmpty();
    }

    @Test
    void impossibleTravelComparesAttemptsOfOneAccount() {
        experienced("ann");
        world.sends("ann", World.HOME, T);
        world.sends("bob", World.BRAZIL, T.plusSeconds(60));
        assertThat(world.findingsOf("impossible-travel")).isEmpty();

        world.sends("ann", World.BRAZIL, T.plusSeconds(3600));

        assertThat(world.findingsOf("impossible-travel"))
                .singleElement()
                .satisfies(f -> assertThat(f.getEvidence().get(0).getText()).contains("Berlin to Recife"));
    }

    @Test
    void theMiddleOfACountryIsNoExactPlace() {
        experienced("ann");
        world.sends("ann", World.HOME, T);

        world.sends("ann", World.SOMEWHERE_NEAR, T.plusSeconds(600));

        assertThat(world.findingsOf("impossible-travel")).isEmpty();
    }

    @Test
    void anotherContinentIsTooFarWhereverInTheCountryItIs() {
        experienced("ann");
        world.sends("ann", World.HOME, T);

        world.sends("ann", World.SOMEWHERE_FAR, T.plusSeconds(600));

        assertThat(world.findingsOf("impossible-travel"))
                .singleElement()
                .satisfies(f -> assertThat(f.getEvidence().get(0).getText()).contains("Berlin to AR"));
    }

    @Test
    void aFlightIsPossible() {
        experienced("ann");
        world.sends("ann", World.HOME, T);

        world.sends("ann", World.SPAIN, T.plusSeconds(3 * 3600));

        assertThat(world.findingsOf("impossible-travel")).isEmpty();
    }

    @Test
    void aNewCountryAloneNeverBlocks() {
        experienced("ann");

        for (int i = 0; i < 5; i++) {
            world.sends("ann", World.SPAIN, T.plusSeconds(86_400 + 3600L * i));
        }

        assertThat(world.findingsOf("new-country")).hasSize(1);
        assertThat(world.puts).isEmpty();
        assertThat(world.alerts).allSatisfy(a -> assertThat(a.getSeverity()).isEqualTo("info"));
    }

    @Test
    void anAddressThatGuessesManyAccountsIsBlocked() {
        for (int i = 0; i < 9; i++) {
            world.fails("user" + i, World.BRAZIL, T.plusSeconds(i));
        }
        assertThat(world.puts).isEmpty();

        world.fails("user9", World.BRAZIL, T.plusSeconds(10));

        assertThat(world.blocks.get(CLIENT).getSubjectType()).isEqualTo("client_ip");
        assertThat(world.blocks.get(CLIENT).getSubject()).isEqualTo(World.BRAZIL);
    }

    @Test
    void aDeviceWithAnOldPasswordIsNotBlocked() {
        for (int i = 0; i < 20; i++) {
            world.fails("ann", World.HOME, T.plusSeconds(20L * i));
        }

        assertThat(world.findingsOf("guessing-by-address")).isNotEmpty();
        assertThat(world.puts).isEmpty();
    }

    @Test
    void aGuessedAccountIsToldOfButNotLockedOut() {
        for (int i = 0; i < 30; i++) {
            world.fails("ann", "198.51.100." + (100 + i), T.plusSeconds(i));
        }

        assertThat(world.findingsOf("guessing-by-account")).isNotEmpty().allMatch(Finding::getObserveOnly);
        assertThat(world.blockOf("ann")).isNull();
    }

    @Test
    void successAfterGuessingBlocksTheAccountThatLetTheGuesserIn() {
        for (int i = 0; i < 5; i++) {
            world.fails("user" + i, World.BRAZIL, T.plusSeconds(i));
        }

        world.sends("Ann", World.BRAZIL, T.plusSeconds(60));

        Finding finding = world.findingsOf("success-after-guessing").get(0);
        assertThat(finding.getSubject()).isEqualTo("ann");
        assertThat(finding.getOriginSubject()).isEqualTo(CLIENT);
        assertThat(world.blockOf("ann").getAction()).isEqualTo("hold");
    }

    @Test
    void aNeighboursFailedLoginsDoNotBlockAnAccountThatIsAtHomeThere() {
        experienced("ann");
        for (int i = 0; i < 5; i++) {
            world.fails("user" + i, World.HOME, T.plusSeconds(i));
        }

        world.sends("ann", World.HOME, T.plusSeconds(60));

        assertThat(world.findingsOf("success-after-guessing")).isNotEmpty();
        assertThat(world.blockOf("ann")).isNull();
    }

    @Test
    void relayWithoutLoginIsObserved() {
        world.receives(world.event("client", T).setQueueId("A").setClientIp(World.BRAZIL));
        world.receives(world.event("queued", T).setQueueId("A").setNrcpt(1L));
        world.receives(
                world.event("delivery", T).setQueueId("A").setRelay("local").setStatus("sent"));
        assertThat(world.findingsOf("unauthenticated-relay")).isEmpty();

        world.receives(world.event("delivery", T)
                .setQueueId("A")
                .setRelay("mx.example.org[192.0.2.99]:25")
                .setStatus("sent"));

        assertThat(world.findingsOf("unauthenticated-relay")).singleElement().matches(Finding::getObserveOnly);
        assertThat(world.puts).isEmpty();
    }

    private void experienced(String login) {
        for (int day = 5; day >= 1; day--) {
            for (int i = 0; i < 3; i++) {
                world.sends(login, World.HOME, T.minusSeconds(day * 86_400L - 3600L * i));
            }
        }
    }
}
