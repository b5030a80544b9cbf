package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.detection.subject.SubjectKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.LongStream;
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

    @Test
    void unblockResolvesTheIncidentAndSaysWhoReleased() {
        steals(T);

        world.says("unblock", "ann", T.plusSeconds(120), null);

        Alert last = world.alerts.get(world.alerts.size() - 1);
        assertThat(last.getState()).isEqualTo("RESOLVED");
        assertThat(last.getResolution()).isEqualTo("unblocked");
        assertThat(last.getResolvedBy()).isEqualTo("ann");
        assertThat(last.getEndedAt()).isEqualTo(T.plusSeconds(120));
    }

    @Test
    void theSentenceOfAnAlertSaysWhoWhatSinceWhenWhatWasDoneAndWhatToDo() {
        steals(T);

        Alert held = world.alerts.stream()
                .filter(a -> a.getAction().equals("hold"))
                .findFirst()
                .orElseThrow();
        assertThat(held.getTitle())
                .matches("Account ann: [0-9]+ messages in .*, since 2026-03-05 10:00 UTC; its mail is held until"
                        + " 2026-03-05 11:00 UTC: ask the owner, then unblock it or change its password");
    }

    @Test
    void anUpdateDoesNotLoseWhatTheIncidentIsAbout() {
        steals(T);
        Alert before = world.alerts.get(world.alerts.size() - 1);

        world.refuses(
                "ann",
                World.HOME,
                T.plusSeconds(60),
                "mx-1",
                world.blockOf("ann").getReference());

        Alert updated = world.alerts.get(world.alerts.size() - 1);
        assertThat(updated.getDescription()).startsWith("The block is in force on mx-1");
        assertThat(updated.getTitle()).isEqualTo(before.getTitle()).startsWith("Account ann: ");
    }

    @Test
    void theSentenceOfAnEndedIncidentSaysThatItIsOver() {
        steals(T);

        Instant resolved = quiet();

        assertThat(world.alerts.get(world.alerts.size() - 1).getTitle())
                .startsWith("Account ann: ")
                .contains("since 2026-03-05 10:00 UTC; over at 2026-03-05 "
                        + resolved.toString().substring(11, 16) + " UTC: Quiet since ");
    }

    @Test
    void statesOfAnIncidentAreCountedAndFireOnce() {
        steals(T);

        assertThat(world.alertStates()).startsWith("FIRING").containsOnlyOnce("FIRING");
        assertThat(world.alerts)
                .extracting(Alert::getRevision)
                .isEqualTo(
                        LongStream.rangeClosed(1, world.alerts.size()).boxed().toList());
    }

    @Test
    void aFleetThatConfirmsABlockIsToldInTurnsAndWhole() {
        steals(T);
        String reference = world.blockOf("ann").getReference();
        int before = world.alerts.size();

        for (int host = 1; host <= 60; host++) {
            world.refuses("ann", World.HOME, T.plusSeconds(60), "mx-" + host, reference);
        }
        world.tick(KEY, T.plusSeconds(121));

        Alert last = world.alerts.get(world.alerts.size() - 1);
        assertThat(last.getConfirmedHosts()).hasSize(60);
        assertThat(world.alerts.size() - before).isLessThan(12);
    }

    @Test
    void whatWaitsToBeToldAsksForATick() {
        steals(T);
        String reference = world.blockOf("ann").getReference();

        for (int host = 1; host <= 60; host++) {
            world.refuses("ann", World.HOME, T.plusSeconds(60), "mx-" + host, reference);
        }

        assertThat(world.deadlines.get(KEY)).isEqualTo(T.plusSeconds(120));
    }

    @Test
    void anAlertNamesTheTechniquesOfAllItsEvidence() {
        steals(T);

        assertThat(world.alerts.get(world.alerts.size() - 1).getAttacks())
                .extracting(a -> a.getTechniqueId() + " " + a.getTacticId())
                .containsExactly("T1078 TA0001", "T1586.002 TA0042");
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
