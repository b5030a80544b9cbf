package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.detection.decision.SubjectEngine;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What is kept of logins and addresses that only ever failed. */
class StrangersTest {
    private static final Instant START = Instant.parse("2026-05-09T20:12:21Z");
    private static final String MADE_UP = "sasl_user:admin7@example.org";
    private static final String ANNA = "sasl_user:anna@example.org";

    private final World world = new World();

    @Test
    void aLoginThatNeverSucceededIsForgottenAfterAWeek() {
        // When
        world.fails("admin7@example.org", World.BRAZIL, START);
        // Then
        assertThat(world.deadlines.get(MADE_UP))
                .isBetween(START.plus(Duration.ofDays(7)), START.plus(Duration.ofDays(8)));
    }

    @Test
    void aLoginThatSucceededOnceIsKeptAsLongAsAnyProfile() {
        // Given
        world.fails("anna@example.org", World.BRAZIL, START);
        // When
        world.sends("anna@example.org", World.HOME, START.plusSeconds(60));
        // Then
        assertThat(world.deadlines.get(ANNA)).isAfter(START.plus(Duration.ofDays(80)));
        assertThat(SubjectEngine.expendable(world.states.get(ANNA))).isEqualTo(-1);
    }

    @Test
    void aLoginAloneMakesAnAccountKnown() {
        // When
        world.fails("anna@example.org", World.BRAZIL, START);
        world.receives(world.event("client", START.plusSeconds(9))
                .setQueueId("Q")
                .setClientIp(World.HOME)
                .setSaslUsername("anna@example.org"));
        // Then
        assertThat(SubjectEngine.expendable(world.states.get(ANNA))).isEqualTo(-1);
    }

    @Test
    void theFailuresOfAWeekStillCountWhenTheFirstLoginComesAfterThem() {
        // Given
        for (int hour = 0; hour < 12; hour++) {
            world.fails("anna@example.org", World.BRAZIL, START.plus(Duration.ofHours(hour)));
        }
        // When
        world.sends("anna@example.org", World.BRAZIL, START.plus(Duration.ofDays(6)));
        // Then
        assertThat(world.findings).anyMatch(f -> f.getDetector().equals("success-after-slow-guessing"));
    }

    @Test
    void whatMayBeForgottenIsWorthItsFailures() {
        // When
        world.fails("admin7@example.org", World.BRAZIL, START);
        world.fails("admin7@example.org", World.BRAZIL, START.plusSeconds(1));
        world.fails("admin8@example.org", World.BRAZIL, START.plusSeconds(2));
        // Then
        assertThat(SubjectEngine.expendable(world.states.get(MADE_UP))).isEqualTo(2);
        assertThat(SubjectEngine.expendable(world.states.get("client_ip:" + World.BRAZIL)))
                .isEqualTo(3);
    }

    @Test
    void anAddressFromWhereSomebodyLoggedInIsKeptWhateverFailsThere() {
        // When
        world.sends("anna@example.org", World.HOME, START);
        world.fails("admin7@example.org", World.HOME, START.plusSeconds(60));
        // Then
        assertThat(SubjectEngine.expendable(world.states.get("client_ip:" + World.HOME)))
                .isEqualTo(-1);
    }

    @Test
    void whoeverIsThoughtToGuessIsKept() {
        // When
        for (int i = 0; i < 30; i++) {
            world.fails("admin" + i + "@example.org", World.BRAZIL, START.plusSeconds(i));
        }
        // Then
        assertThat(world.blocks).containsKey("client_ip:" + World.BRAZIL);
        assertThat(SubjectEngine.expendable(world.states.get("client_ip:" + World.BRAZIL)))
                .isEqualTo(-1);
    }

    @Test
    void aNameLongerThanAnyAddressIsNobodys() {
        // When
        world.fails("a".repeat(321), World.BRAZIL, START);
        // Then
        assertThat(world.states).containsOnlyKeys("client_ip:" + World.BRAZIL, "client_net:198.51.100.0/24");
        assertThat(world.states.get("client_ip:" + World.BRAZIL).getPeers())
                .singleElement()
                .satisfies(peer -> assertThat(peer.getName()).isNull());
    }
}
