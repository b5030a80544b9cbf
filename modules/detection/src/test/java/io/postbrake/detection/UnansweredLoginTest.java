package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Logins that failed without a word about the password: a guesser's that were not judged, and an outage's. */
class UnansweredLoginTest {
    private static final Instant T = Instant.parse("2026-11-21T09:00:00Z");
    private static final String OFFICE = "client_ip:" + World.HOME;
    private static final String GUESSER = "client_ip:" + World.BRAZIL;
    private static final String LOST = "Connection lost to authentication server";

    private final World world = new World();

    @Test
    void aGuesserWhomTheServerMakesWaitIsBlockedAsSoonAsIfItHadAnswered() {
        String answers = "FFFLLFFFLL";

        for (int i = 0; i < answers.length(); i++) {
            tries(answers.charAt(i), "user" + i, World.BRAZIL, T.plusSeconds(10L * i));
        }

        assertThat(world.blocks.get(GUESSER).getAction()).isEqualTo("defer");
        assertThat(world.findingsOf("guessing-by-address"))
                .extracting(Finding::getTitle)
                .contains("10 failed logins in 10 min from this address");
    }

    @Test
    void aServerThatIsAwayIsNobodysGuessing() {
        for (int i = 0; i < 60; i++) {
            tries('L', "user" + i, World.HOME, T.plusSeconds(5L * i));
        }

        assertThat(world.findings).isEmpty();
        assertThat(world.blocks).isEmpty();
        assertThat(world.submissions)
                .filteredOn(s -> s.getPhase().equals("AUTH_UNANSWERED"))
                .hasSize(60)
                .allMatch(s -> s.getAccount() == null);
    }

    @Test
    void whatWasNotAnsweredLaterThanAMinuteAfterAFailureIsAnOutage() {
        world.fails("ann", World.HOME, T);
        for (int i = 0; i < 30; i++) {
            tries('L', "ann", World.HOME, T.plusSeconds(61 + i));
        }

        assertThat(world.findings).isEmpty();
        assertThat(world.states.get(OFFICE).getUnansweredLogins()).noneMatch(l -> l.getCounted());
    }

    @Test
    void anotherAddressIsNotChargedWithTheGuessersWait() {
        for (int i = 0; i < 9; i++) {
            world.fails("user" + i, World.BRAZIL, T.plusSeconds(i));
        }
        for (int i = 0; i < 20; i++) {
            tries('L', "ann", World.SPAIN, T.plusSeconds(10 + i));
        }

        assertThat(world.findings).isEmpty();
    }

    @Test
    void aFailureThatIsHeardOfAfterwardsExplainsWhatWasNotAnswered() {
        for (int i = 0; i < 8; i++) {
            tries('L', "user" + i, World.BRAZIL, T.plusSeconds(2 + i));
        }
        world.fails("user8", World.BRAZIL, T.plusSeconds(1));

        world.fails("user9", World.BRAZIL, T);

        assertThat(world.blocks).containsKey(GUESSER);
    }

    @Test
    void aDeviceWithAnOldPasswordStaysADeviceWhenItIsMadeToWait() {
        for (int i = 0; i < 12; i++) {
            tries(i % 2 == 0 ? 'F' : 'L', "ann", World.HOME, T.plusSeconds(20L * i));
        }

        assertThat(world.findingsOf("guessing-by-address")).isNotEmpty();
        assertThat(world.puts).isEmpty();
    }

    @Test
    void aLoginAfterUnansweredGuessesIsALoginAfterGuesses() {
        for (int i = 0; i < 3; i++) {
            world.fails("user" + i, World.BRAZIL, T.plusSeconds(i));
        }
        tries('L', null, World.BRAZIL, T.plusSeconds(10));
        tries('L', null, World.BRAZIL, T.plusSeconds(20));

        world.sends("ann", World.BRAZIL, T.plusSeconds(30));

        assertThat(world.findingsOf("success-after-guessing"))
                .extracting(Finding::getTitle)
                .containsExactly("Login after 5 failed logins within an hour from the same address");
    }

    @Test
    void saslauthdThatIsAwayIsNobodysGuessing() {
        for (int i = 0; i < 15; i++) {
            world.receives(failed(T.plusSeconds(20L * i), "user" + i).setReason("generic failure"));
        }

        assertThat(world.findings).isEmpty();
        assertThat(world.states.keySet()).containsExactly("auth_server:mx1");
        assertThat(world.submissions)
                .filteredOn(s -> s.getPhase().equals("AUTH_ERROR"))
                .hasSize(15);
        assertThat(world.submissions).extracting(Submission::getPhase).doesNotContain("AUTH_FAILED");
    }

    @Test
    void dovecotThatCannotBeReachedIsNobodysGuessingEvenWithoutAReason() {
        for (int i = 0; i < 15; i++) {
            Instant at = T.plusSeconds(20L * i);
            world.receives(session("auth_unavailable", 2085L + i, at)
                    .setReason("Connect to private/auth failed: Connection refused"));
            world.receives(failed(at, null).setPid(2085L + i));
        }

        assertThat(world.findings).isEmpty();
        assertThat(world.submissions).extracting(Submission::getPhase).containsOnly("AUTH_ERROR", "AUTH_OUTAGE");
    }

    @Test
    void theNextFailureOfTheProcessWithoutAReasonCountsAsEver() {
        world.receives(session("auth_unavailable", 2085L, T));
        world.receives(failed(T, null).setPid(2085L));

        world.receives(failed(T.plusSeconds(1), "ann").setPid(2085L));

        assertThat(world.submissions).extracting(Submission::getPhase).containsExactly("AUTH_ERROR", "AUTH_FAILED");
    }

    @Test
    void whatAnotherProcessCouldNotReachExcusesNoFailure() {
        world.receives(session("auth_unavailable", 2085L, T));

        world.receives(failed(T, "ann").setPid(2086L));

        assertThat(world.submissions).extracting(Submission::getPhase).containsExactly("AUTH_FAILED");
    }

    @Test
    void tokensThatRanOutAreNobodysGuessing() {
        for (int i = 0; i < 15; i++) {
            world.receives(failed(T.plusSeconds(20L * i), "user" + i).setSaslMethod("XOAUTH2"));
        }

        assertThat(world.findings).isEmpty();
    }

    private void tries(char answer, String login, String ip, Instant at) {
        if (answer == 'F') {
            world.fails(login, ip, at);
        } else {
            world.receives(world.event("auth_unanswered", at)
                    .setClientIp(ip)
                    .setSaslUsername(login)
                    .setReason(LOST));
        }
    }

    private MailEvent.Builder failed(Instant at, String login) {
        return session("auth_failed", 7L, at)
                .setClientIp(World.HOME)
                .setSaslMethod("PLAIN")
                .setSaslUsername(login);
    }

    private MailEvent.Builder session(String kind, long pid, Instant at) {
        return world.event(kind, at).setService("smtpd").setPid(pid);
    }
}
