package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.detection.subject.SubjectKeys;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that tries again for ever does not prolong its own refusal for ever. */
class RefusalsEndTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");
    private static final String GUESSER = "198.51.100.200";

    private final World world = new World().quick();

    @ParameterizedTest
    @ValueSource(ints = {5, 20, 60})
    void anAddressThatTriesEveryFewMinutesIsFreeWithinHalfADay(int minutes) {
        for (int i = 0; i < 12; i++) {
            world.fails("name" + i, GUESSER, T.plusSeconds(5L * i));
        }
        Block block = world.blocks.get(SubjectKeys.client(GUESSER));

        for (Instant at = T.plusSeconds(120); at.isBefore(T.plus(Duration.ofDays(2))); ) {
            world.ticksUpTo(at);
            if (world.blocks.containsKey(SubjectKeys.client(GUESSER))) {
                refused(GUESSER, at, block.getReference());
            }
            at = at.plus(Duration.ofMinutes(minutes));
        }

        assertThat(block.getAction()).isEqualTo("defer");
        assertThat(world.blocks).isEmpty();
        assertThat(world.puts)
                .allMatch(
                        b -> b.getEndsAt().isBefore(T.plus(Duration.ofHours(12)).plusSeconds(120)));
    }

    @Test
    void anAccountsOwnRetriesDoNotRefuseItForEver() {
        theft("ann", T);
        Block block = world.blockOf("ann");

        Instant at = T.plusSeconds(3600);
        for (int hour = 0; hour < 24 * 9 && world.blockOf("ann") != null; hour++) {
            world.refuses("ann", World.HOME, at, "mx1", block.getReference());
            at = at.plus(Duration.ofHours(1));
            world.ticksUpTo(at);
        }

        assertThat(block.getAction()).isEqualTo("reject");
        assertThat(world.blockOf("ann")).isNull();
        assertThat(Duration.between(T, at))
                .isLessThanOrEqualTo(Duration.ofDays(3).plusHours(2));
    }

    @Test
    void triesFromElsewhereDo() {
        theft("ann", T);
        Block block = world.blockOf("ann");

        Instant at = T.plusSeconds(3600);
        for (int hour = 0; hour < 24 * 3; hour++) {
            world.refuses("ann", World.BRAZIL, at, "mx1", block.getReference());
            at = at.plus(Duration.ofHours(1));
            world.ticksUpTo(at);
        }

        assertThat(world.blockOf("ann")).isNotNull();
    }

    @Test
    void aThiefWhoWaitsForItsEndIsRefusedAnewForTwiceAsLong() {
        theft("ann", T);
        Instant again = world.blockOf("ann").getEndsAt().plusSeconds(60);
        world.ticksUpTo(again);

        burst("ann", again);

        Block second = world.blockOf("ann");
        assertThat(Duration.between(second.getDecidedAt(), second.getEndsAt()))
                .isBetween(Duration.ofHours(48), Duration.ofHours(49));
    }

    private void theft(String login, Instant at) {
        for (int day = 10; day >= 1; day--) {
            for (int i = 0; i < 6; i++) {
                world.sends(login, World.HOME, at.minusSeconds(86_400L * day - 3000L * i));
            }
        }
        burst(login, at);
    }

    private void burst(String login, Instant at) {
        for (int i = 0; i < 40; i++) {
            world.sends(login, World.BRAZIL, at.plusSeconds(10L * i));
        }
    }

    private void refused(String ip, Instant at, String reference) {
        world.receives(world.event("rejected", at).setClientIp(ip).setBlockRef(reference));
    }
}
