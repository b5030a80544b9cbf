package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.detection.config.DetectionConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a thief in the owner's own network sends to stay below limits on bursts, beside what owners send from there. */
class EvenPaceTest {
    private static final Instant T = Instant.parse("2026-11-24T10:00:00Z");

    private final World world = new World().quick();

    @ParameterizedTest
    @ValueSource(longs = {15, 30, 60})
    void mailThatDripsFromHomeForHalfAnHourIsFound(long pause) {
        // Given somebody who writes by day
        writesByDay("ann", World.HOME);

        // When fifty messages leave from there, one by one
        drips("ann", World.HOME, Duration.ofSeconds(pause), 50);

        // Then that is evidence, which the title puts into words
        assertThat(world.findingsOf("even-pace")).isNotEmpty();
        assertThat(world.findingsOf("even-pace").get(0).getEvidence().get(0).getText())
                .matches("2\\d messages in an hour from home, one by one, the last .+, usual are about .+");
    }

    @Test
    void itBlocksNobodyByItself() {
        // Given somebody who writes by day
        writesByDay("ann", World.HOME);

        // When a circular leaves slowly for half an hour, as a program sends it that is told not to hurry
        drips("ann", World.HOME, Duration.ofSeconds(20), 90);

        // Then it was seen and not stopped
        assertThat(world.findingsOf("even-pace")).isNotEmpty();
        assertThat(world.puts).isEmpty();
    }

    @Test
    void aThiefWhoseMailComesBackIsHeldSoonerForIt() {
        // Given two who write by day, one of them where this detector is on dry run
        // When a tenth of what drips comes back
        // Then the pace makes the difference
        assertThat(passed(new World(), 10)).isLessThan(passed(withoutIt(), 10));
    }

    @Test
    void aCircularThatIsOverInMinutesIsNone() {
        writesByDay("ann", World.HOME);

        drips("ann", World.HOME, Duration.ofSeconds(4), 300);
        drips("ann", World.HOME, T.plusSeconds(1300), Duration.ofSeconds(100), 10);

        assertThat(world.findingsOf("even-pace")).isEmpty();
    }

    @Test
    void lettersThatAPersonWritesAreNone() {
        writesByDay("ann", World.HOME);

        drips("ann", World.HOME, Duration.ofMinutes(3), 60);

        assertThat(world.findingsOf("even-pace")).isEmpty();
    }

    @Test
    void aMachineThatSendsAroundTheClockHasAPaceOfItsOwn() {
        for (int hour = 12 * 24; hour > 0; hour -= 3) {
            world.sends("shop", World.HOME, T.minus(Duration.ofHours(hour)));
        }

        drips("shop", World.HOME, Duration.ofSeconds(30), 60);

        assertThat(world.findingsOf("even-pace")).isEmpty();
    }

    @Test
    void mailFromElsewhereIsForOthersToJudge() {
        writesByDay("ann", World.HOME);

        drips("ann", World.BRAZIL, Duration.ofSeconds(30), 60);

        assertThat(world.findingsOf("even-pace")).isEmpty();
    }

    /** Twelve days, ten letters a day between nine and six. */
    private static void writesByDay(World world, String login, String ip) {
        for (int day = 12; day >= 1; day--) {
            Instant nine = T.minus(Duration.ofDays(day)).minus(Duration.ofHours(1));
            for (int i = 0; i < 10; i++) {
                world.sends(login, ip, nine.plus(Duration.ofMinutes(53L * i)));
            }
        }
    }

    private void writesByDay(String login, String ip) {
        writesByDay(world, login, ip);
    }

    private void drips(String login, String ip, Duration pause, int messages) {
        drips(login, ip, T, pause, messages);
    }

    private void drips(String login, String ip, Instant from, Duration pause, int messages) {
        for (int i = 0; i < messages; i++) {
            world.sends(login, ip, from.plus(pause.multipliedBy(i)));
        }
    }

    private static World withoutIt() {
        return new World(DetectionConfig.of(Map.of("detectors.even-pace.dry-run", true)));
    }

    /** Messages that leave before the first block, of which one in {@code bounces} comes back. */
    private static int passed(World world, int bounces) {
        writesByDay(world, "ann", World.HOME);
        for (int i = 0; i < 400; i++) {
            if (world.blockOf("ann") != null) {
                return i;
            }
            Instant at = T.plusSeconds(30L * i);
            String id = "S" + i;
            world.receives(world.event("client", at)
                    .setQueueId(id)
                    .setClientIp(World.HOME)
                    .setSaslUsername("ann"));
            world.receives(world.event("queued", at).setQueueId(id).setNrcpt(1L));
            world.receives(world.event("delivery", at)
                    .setQueueId(id)
                    .setTo("somebody" + i + "@example.net")
                    .setStatus(i % bounces == 0 ? "bounced" : "sent")
                    .setRelay("mx.example.net[192.0.2.99]:25"));
        }
        return 400;
    }
}
