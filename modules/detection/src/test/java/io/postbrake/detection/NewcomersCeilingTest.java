package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What the accounts of a domain tell of one among them that never sent: where its first mail is likely to come from. */
class NewcomersCeilingTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");
    private static final int COLLEAGUES = 40;

    private final World world = new World().quick();

    @Test
    void whereOnlyAnotherDomainIsAtHomeANewcomerHasTheCeilingsOfAnUnknownPlace() {
        twoDomainsHaveAHistory();

        for (int i = 0; i < 60; i++) {
            world.sends("ghost@one.example", World.SPAIN, T.plusSeconds(30L * i));
            world.sends("newcomer@two.example", World.SPAIN, T.plusSeconds(30L * i + 7));
        }

        assertThat(world.findingsOf("velocity-ceiling"))
                .isNotEmpty()
                .allSatisfy(f -> assertThat(f.getSubject()).isEqualTo("ghost@one.example"))
                .allSatisfy(f -> assertThat(f.getTitle()).endsWith("reach the ceiling of 50"));
        assertThat(world.blockOf("ghost@one.example")).isNotNull();
        assertThat(world.blockOf("newcomer@two.example")).isNull();
    }

    @Test
    void anAccountWithAHistoryIsToldWhatTheWholeFleetDoes() {
        twoDomainsHaveAHistory();

        world.sends("user0@one.example", World.SPAIN, T);

        assertThat(fleetsWord("user0@one.example")).isEqualTo(1);
    }

    @Test
    void aDomainOfWhichLittleIsKnownSaysNothing() {
        twoDomainsHaveAHistory();

        world.sends("first@three.example", World.SPAIN, T);
        world.sends("bare", World.SPAIN, T.plusSeconds(1));
        world.sends("ghost@one.example", World.SPAIN, T.plusSeconds(2));

        assertThat(fleetsWord("first@three.example")).isEqualTo(1);
        assertThat(fleetsWord("bare")).isEqualTo(1);
        assertThat(fleetsWord("ghost@one.example")).isZero();
    }

    private long fleetsWord(String account) {
        return world.stateOf(account).getOrigins().stream()
                .filter(o -> o.getName().equals("AS64502/ES"))
                .findFirst()
                .orElseThrow()
                .getFleet();
    }

    /** An account of four days is at home where it began; a thief who comes on its third day is not. */
    @Test
    void theCeilingsOfAnAccountWithAHistoryAreNotThoseOfMailFromElsewhereOnItsThirdDay() {
        for (int day = 2; day >= 0; day--) {
            for (int i = 0; i < 4; i++) {
                world.sends("ann", World.HOME, T.minusSeconds(86_400L * day + 3600L - 600L * i));
            }
        }

        for (int i = 0; i < 200; i++) {
            world.sends("ann", World.BRAZIL, T.plusSeconds(4L * i));
        }

        assertThat(world.findingsOf("velocity-ceiling"))
                .isNotEmpty()
                .allSatisfy(f -> assertThat(f.getTitle()).endsWith("reach the ceiling of 50"));
        assertThat(world.blockOf("ann")).isNotNull();
    }

    @Test
    void atHomeTheyAre() {
        for (int day = 2; day >= 0; day--) {
            for (int i = 0; i < 4; i++) {
                world.sends("ann", World.HOME, T.minusSeconds(86_400L * day + 3600L - 600L * i));
            }
        }

        for (int i = 0; i < 200; i++) {
            world.sends("ann", World.HOME, T.plusSeconds(4L * i));
        }

        assertThat(world.findingsOf("velocity-ceiling")).isEmpty();
    }

    private void twoDomainsHaveAHistory() {
        for (int day = 5; day >= 1; day--) {
            for (int i = 0; i < COLLEAGUES; i++) {
                for (int k = 0; k < 3; k++) {
                    Instant at = T.minusSeconds(86_400L * day - 60L * i - 3600L * k);
                    world.sends("user" + i + "@one.example", World.HOME, at);
                    world.sends("user" + i + "@two.example", World.SPAIN, at.plusSeconds(20));
                }
            }
        }
        world.findings.clear();
    }
}
