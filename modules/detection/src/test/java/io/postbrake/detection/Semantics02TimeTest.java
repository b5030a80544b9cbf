package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.MailEvent;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Time is data: events and ticks. Blocks and incidents of a silent account end by ticks alone. */
class Semantics02TimeTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");
    private static final String KEY = SubjectKeys.account("ann");

    private final World world = new World();

    @Test
    void theDecisionTimeIsTheLaterOfEventAndLastTick() {
        Instant tick = T.plusSeconds(90);
        sends(49, T);
        world.tick(KEY, tick);

        sends(12, T.plusSeconds(60));

        Block block = world.puts.get(world.puts.size() - 1);
        assertThat(block.getDecidedAt()).isEqualTo(tick);
        assertThat(block.getEndsAt()).isEqualTo(tick.plus(Duration.ofHours(1)));
    }

    @Test
    void aSilentAccountsBlockAndIncidentEndAtTheDeadlinesThatWereAskedFor() {
        sends(60, T);
        Instant end = world.deadlines.get(KEY);
        for (int wakes = 0; wakes < 10 && world.stateOf("ann").getIncident() != null; wakes++) {
            world.tick(KEY, world.deadlines.get(KEY));
        }

        assertThat(end).isNotNull();
        assertThat(world.blockOf("ann")).isNull();
        assertThat(world.stateOf("ann").getIncident()).isNull();
        assertThat(world.alertStates()).endsWith("RESOLVED");
    }

    @Test
    void anEnforcersEndIsRenewedBeforeItPassesWhileTheRealEndIsLater() {
        sends(60, T);
        Block published = world.blockOf("ann");
        // Too little later for a record of its own.
        world.refuses("ann", World.BRAZIL, T.plusSeconds(600), "mx1", published.getReference());
        Instant realEnd = T.plusSeconds(600).plus(Duration.ofHours(1));
        assertThat(world.blockOf("ann")).isEqualTo(published);

        world.tick(KEY, world.deadlines.get(KEY));

        assertThat(world.blockOf("ann").getEndsAt()).isEqualTo(realEnd);
        assertThat(world.stateOf("ann").getLastTickAt()).isBefore(published.getEndsAt());
    }

    @Test
    void oldMailIsHistoryAndDoesNotBlock() {
        Instant read = T.plus(Duration.ofMinutes(61)).plusSeconds(60);
        for (int i = 0; i < 60; i++) {
            Instant at = T.plusSeconds(i);
            world.receives(line("client", at, read, i));
            world.receives(line("queued", at, read, i));
        }

        world.ticksUpTo(read.plus(Duration.ofHours(2)));

        assertThat(world.alerts).extracting(Alert::getResolution).containsExactly("history");
        assertThat(world.puts).isEmpty();
    }

    private MailEvent.Builder line(String kind, Instant at, Instant read, int i) {
        MailEvent.Builder line = world.event(kind, at).setReadAt(read).setQueueId("A" + i);
        return kind.equals("client") ? line.setClientIp(World.HOME).setSaslUsername("ann") : line.setNrcpt(1L);
    }

    private void sends(int messages, Instant from) {
        for (int i = 0; i < messages; i++) {
            world.sends("ann", World.HOME, from.plusMillis(500L * i));
        }
    }
}
