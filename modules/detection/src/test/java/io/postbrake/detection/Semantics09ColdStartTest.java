package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.finding.Finding;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Novelty alone observes until the account or the fleet has a history; ceilings and success after guessing act at once. */
class Semantics09ColdStartTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");

    private final World world = new World();

    @Test
    void onTheFirstDayNoveltyOfEverySortBlocksNobody() {
        for (int i = 0; i < 20; i++) {
            Instant at = T.plusSeconds(900L * i);
            world.sends("ann", i % 2 == 0 ? World.HOME : World.BRAZIL, at);
            world.sends("bob", i % 3 == 0 ? World.SPAIN : World.BRAZIL, at);
        }

        assertThat(world.findingsOf("new-country")).isNotEmpty().allMatch(Finding::getObserveOnly);
        assertThat(world.findingsOf("impossible-travel")).isNotEmpty();
        assertThat(world.puts).isEmpty();
    }

    @Test
    void theCeilingActsOnTheFirstDay() {
        for (int i = 0; i < 50; i++) {
            world.sends("ann", World.HOME, T.plusSeconds(70L * i));
        }

        assertThat(world.findingsOf("velocity-ceiling")).isNotEmpty();
        assertThat(world.blockOf("ann")).isNotNull();
    }

    @Test
    void successAfterGuessingActsOnTheFirstDay() {
        for (int i = 0; i < 6; i++) {
            world.fails("user" + i, World.BRAZIL, T.plusSeconds(i));
        }
        world.sends("ann", World.BRAZIL, T.plusSeconds(60));

        assertThat(world.blockOf("ann").getAction()).isEqualTo("hold");
    }

    @Test
    void anAccountWithoutHistoryIsHeldAgainstTheFleets() {
        fleetHasHistory();

        world.sends("ann", World.BRAZIL, T);
        world.sends("bob", World.HOME, T);

        assertThat(world.findingsOf("new-country-for-fleet"))
                .singleElement()
                .satisfies(f -> assertThat(f.getSubject()).isEqualTo("ann"))
                .satisfies(f -> assertThat(f.getOriginSubject()).isEqualTo("fleet:all"));
        assertThat(world.alerts).extracting(Alert::getSubject).contains("ann");
        assertThat(world.puts).as("novelty alone").isEmpty();
    }

    @Test
    void whatTwoAccountsDoIsUsualForTheFleetAndOwnHistoryGoesBeforeIt() {
        fleetHasHistory();
        world.sends("ann", World.SPAIN, T);
        world.sends("bob", World.SPAIN, T.plusSeconds(60));

        world.sends("carl", World.SPAIN, T.plusSeconds(300));
        world.sends("colleague0", World.BRAZIL, T.plusSeconds(360));

        assertThat(world.findingsOf("new-country-for-fleet"))
                .extracting(Finding::getSubject)
                .doesNotContain("carl");
        assertThat(world.stateOf("colleague0").getFindings())
                .extracting(Finding::getDetector)
                .contains("new-country")
                .doesNotContain("new-country-for-fleet");
    }

    @Test
    void theFleetsPlacesStayTheSameWhenNothingIsLearnt() {
        fleetHasHistory();
        var before = world.states.get("fleet:all").getPlaces().toString();

        for (int i = 0; i < 10; i++) {
            world.sends("colleague" + i, World.HOME, T.plusSeconds(i));
        }

        assertThat(world.states.get("fleet:all").getPlaces()).hasToString(before);
    }

    private void fleetHasHistory() {
        for (int day = 5; day >= 1; day--) {
            for (int i = 0; i < 50; i++) {
                world.sends("colleague" + i % 10, World.HOME, T.minusSeconds(86_400L * day - 600L * i));
            }
        }
        world.findings.clear();
        world.alerts.clear();
    }
}
