package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StolenAccountTest {
    private static final String USER = "user@my-domain.net";
    private static final Instant THEFT = Instant.parse("2026-03-05T03:00:00Z");

    private final World world = new World();

    @Test
    void thiefOfAQuietAccountIsStoppedAfterAFewMessages() {
        for (int day = 4; day >= 1; day--) {
            for (int i = 0; i < 4; i++) {
                world.sends(USER, World.HOME, THEFT.minusSeconds(day * 86_400L - 3_600L * (i + 5)));
            }
        }

        int passed = thiefSendsUntilBlocked();

        assertThat(passed).isBetween(2, 8);
        assertThat(world.blockOf(USER).getSubject()).isEqualTo(USER);
        assertThat(world.alertStates()).startsWith("FIRING").doesNotContain("RESOLVED");
    }

    @Test
    void thiefOfAnAccountThatNeverSentIsStoppedByTheCeilingAtTheLatest() {
        int passed = thiefSendsUntilBlocked();

        assertThat(passed).isBetween(7, 50);
    }

    @Test
    void colleaguesAreLeftAlone() {
        Random random = new Random(7);
        for (int user = 0; user < 8; user++) {
            for (int day = 0; day < 40; day++) {
                Instant morning = Instant.parse("2026-01-05T08:00:00Z").plusSeconds(day * 86_400L);
                int today = 5 + random.nextInt(26);
                for (int sent = 0; sent < today; ) {
                    Instant at = morning.plusSeconds(random.nextInt(9 * 3600));
                    int burst = Math.min(today - sent, 1 + random.nextInt(3));
                    for (int i = 0; i < burst; i++) {
                        world.sends("colleague" + user, World.HOME, at.plusSeconds(i * 7L));
                    }
                    sent += burst;
                }
            }
        }

        assertThat(world.puts).isEmpty();
        assertThat(world.states.keySet().stream().filter(k -> k.startsWith("sasl_user:")))
                .hasSize(8);
    }

    private int thiefSendsUntilBlocked() {
        int passed = 0;
        while (world.blockOf(USER) == null && passed < 200) {
            world.sends(USER, World.BRAZIL, THEFT.plusSeconds(6L * passed++));
        }
        return passed;
    }
}
