package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Unblock spends evidence; an incident is one key from FIRING to RESOLVED, and its alert is removed some days later. */
class Semantics07AlertLifeTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");
    private static final String KEY = SubjectKeys.account("ann");

    private final World world = new World();

    @Test
    void theAlertIsRemovedSomeDaysAfterItsEndAndThatIsAskedForInTime() {
        steals(T);
        Instant resolved = quiet();
        String incident = world.alerts.get(0).getIncidentId().toString();
        assertThat(world.deadlines.get(KEY)).isEqualTo(resolved.plus(Duration.ofDays(7)));
        world.tick(KEY, resolved.plus(Duration.ofDays(7)).minusMillis(1));
        assertThat(world.forgotten).isEmpty();

        world.tick(KEY, resolved.plus(Duration.ofDays(7)));

        assertThat(world.forgotten).containsExactly(incident);
        assertThat(world.alerts).extracting(a -> a.getIncidentId().toString()).containsOnly(incident);
    }

    @Test
    void aNewIncidentHasAnotherKeySoThatItIsNotRemovedWithTheOldOne() {
        steals(T);
        Instant resolved = quiet();
        Instant again = resolved.plus(Duration.ofDays(2));
        steals(again);
        world.tick(KEY, resolved.plus(Duration.ofDays(7)));

        String first = world.alerts.get(0).getIncidentId().toString();
        String second =
                world.alerts.get(world.alerts.size() - 1).getIncidentId().toString();
        assertThat(world.forgotten).containsExactly(first).doesNotContain(second);
    }

    @Test
    void unblockLiftsAndOnlyNewerEvidenceBlocksAgain() {
        steals(T);
        Instant said = T.plusSeconds(120);
        world.says("unblock", "ann", said, null);
        assertThat(world.blockOf("ann")).isNull();
        world.sends("ann", World.HOME, said.plusSeconds(1));
        assertThat(world.blockOf("ann")).isNull();

        steals(said.plusSeconds(10));

        assertThat(world.blockOf("ann").getLastEvidenceAt()).isAfter(said);
    }

    @Test
    void anAlertSaysWhereToReadOn() {
        steals(T);

        assertThat(world.alerts).extracting(Alert::getRunbook).containsOnly("docs/runbooks/stolen-account.md");
        assertThat(world.alerts).extracting(Alert::getTechnique).containsOnly("T1078");
    }

    private void steals(Instant from) {
        for (int i = 0; i < 60; i++) {
            world.sends("ann", World.HOME, from.plusSeconds(i));
        }
        assertThat(world.blockOf("ann")).isNotNull();
    }

    private Instant quiet() {
        for (int wakes = 0; wakes < 10; wakes++) {
            world.tick(KEY, world.deadlines.get(KEY));
            Alert last = world.alerts.get(world.alerts.size() - 1);
            if (last.getState().equals("RESOLVED")) {
                return last.getEndedAt();
            }
        }
        throw new AssertionError("never resolved: " + world.alertStates());
    }
}
