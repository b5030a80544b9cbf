package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.event.MailEvent;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a host refuses was sent all the same: a thief is found by attempts, and an owner's broken program is not. */
class RefusedThiefTest {
    private static final String ANN = "ann@example.com";
    private static final Instant NIGHT = Instant.parse("2026-03-20T03:00:00Z");
    private static final Instant NOON = Instant.parse("2026-03-20T12:00:00Z");
    private static final int DAY = 86_400;

    private final World world = new World();
    private int refusals;

    @Test
    void aThiefAllOfWhoseMailAMilterRefusesIsStoppedAtThePaceOfAttempts() {
        hasWritten(ANN);

        int attempts = triesUntilBlocked(i -> byMilter(ANN, World.SPAIN, NIGHT.plusSeconds(6L * i), "victim" + i));

        assertThat(attempts).isBetween(3, 20);
        assertThat(evidence()).anySatisfy(e -> {
            assertThat(e.getText()).contains("refused by a milter");
            assertThat(e.getClientIp()).isEqualTo(World.SPAIN);
        });
        assertThat(world.findingsOf("unfamiliar-sending"))
                .isNotEmpty()
                .allMatch(found -> found.getTitle().contains(" (all of them refused by a milter) "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "4.7.1 | <victim@example.net>: Recipient address rejected: max 2 requests per hour. | by the host's rules",
                "5.7.1 | <boss@example.com>: Sender address rejected: not owned by user ann@example.com |"
                        + " because the sender is not the login's own",
                "5.1.1 | <victim>: Recipient address rejected: User unknown in virtual mailbox table |"
                        + " because the recipient is unknown"
            })
    void soIsOneWhomTheHostRefusesAtTheFirstRecipient(String dsn, String reason, String by) {
        hasWritten(ANN);

        int attempts =
                triesUntilBlocked(i -> world.receives(refusal("rejected", NIGHT.plusSeconds(6L * i), "victim" + i)
                        .setStage("RCPT")
                        .setClientIp(World.SPAIN)
                        .setSaslUsername(ANN)
                        .setDsn(dsn)
                        .setReason(reason)));

        assertThat(attempts).isBetween(3, 20);
        assertThat(evidence()).anyMatch(e -> e.getText().contains("refused " + by));
    }

    @Test
    void soIsOneWhoseTextARuleRefuses() {
        hasWritten(ANN);

        int attempts = triesUntilBlocked(i -> {
            Instant at = NIGHT.plusSeconds(6L * i);
            begins(ANN, World.SPAIN, at);
            world.receives(refusal("header_check", at, "victim" + i)
                    .setQueueId("R" + refusals)
                    .setAction("reject")
                    .setStage("header"));
        });

        assertThat(attempts).isBetween(3, 20);
    }

    @Test
    void whatIsRefusedAndWhatIsAcceptedAddUp() {
        hasWritten(ANN);

        int attempts = triesUntilBlocked(i -> {
            if (i % 3 == 0) {
                world.sends(ANN, World.SPAIN, NIGHT.plusSeconds(10L * i));
            } else {
                byMilter(ANN, World.SPAIN, NIGHT.plusSeconds(10L * i), "victim" + i);
            }
        });

        assertThat(attempts).isBetween(3, 20);
        assertThat(world.findingsOf("unfamiliar-sending"))
                .isNotEmpty()
                .allMatch(found ->
                        found.getTitle().matches(".* messages in .* \\([0-9]+ of them refused by a milter\\) .*"));
    }

    @Test
    void aThiefOfAnAccountWithoutAHistoryIsToldAndStoppedByTheCeiling() {
        int attempts = triesUntilBlocked(i -> byMilter(ANN, World.SPAIN, NIGHT.plusSeconds(6L * i), "victim" + i));

        assertThat(attempts).isBetween(40, 50);
        assertThat(world.findingsOf("refused-sending")).isNotEmpty().allMatch(Finding::getObserveOnly);
        assertThat(world.alerts.get(0).getAction()).isEqualTo("observe");
    }

    @Test
    void aProgramThatTriesOneMessageForEverIsLeftAlone() {
        hasWritten(ANN);

        for (int i = 0; i < 600; i++) {
            byMilter(ANN, World.HOME, NOON.plusSeconds(60L * i), "chief");
        }

        assertThat(world.alerts).isEmpty();
    }

    @Test
    void soIsOneOnTheRoad() {
        hasWritten(ANN);

        for (int i = 0; i < 600; i++) {
            byMilter(ANN, World.SPAIN, NOON.plusSeconds(60L * i), "chief" + i % 3);
        }

        assertThat(world.alerts).isEmpty();
    }

    @Test
    void aScannerAtHomeWithTheWrongSenderIsLeftAlone() {
        hasWritten(ANN);

        for (int i = 0; i < 40; i++) {
            world.receives(refusal("rejected", NOON.plusSeconds(90L * i), "colleague" + i)
                    .setStage("RCPT")
                    .setClientIp(World.HOME)
                    .setSaslUsername(ANN)
                    .setDsn("5.7.1")
                    .setReason("<scan@example.com>: Sender address rejected: not owned by user " + ANN));
        }

        assertThat(world.alerts).isEmpty();
    }

    @Test
    void aCircularToAnOldListIsLeftAlone() {
        hasWritten(ANN);

        for (int i = 0; i < 60; i++) {
            world.receives(refusal("rejected", NOON.plusMillis(200L * i), "member" + i)
                    .setStage("RCPT")
                    .setClientIp(World.HOME)
                    .setSaslUsername(ANN)
                    .setDsn("5.1.1")
                    .setReason("<member>: Recipient address rejected: User unknown in virtual mailbox table"));
        }
        world.sends(ANN, World.HOME, NOON.plusSeconds(13), 200);

        assertThat(world.alerts).isEmpty();
    }

    @Test
    void aServerThatCannotDoItsWorkSaysNothingOfWhoSends() {
        hasWritten(ANN);

        for (int i = 0; i < 40; i++) {
            Instant at = NOON.plusSeconds(20L * i);
            begins(ANN, World.SPAIN, at);
            world.receives(refusal("milter_reject", at, "friend" + i)
                    .setQueueId("R" + refusals)
                    .setStage("END-OF-MESSAGE")
                    .setDsn("4.7.1")
                    .setReason("Service unavailable - try again later"));
            world.receives(refusal("rejected", at, "friend" + i)
                    .setClientIp(World.SPAIN)
                    .setSaslUsername(ANN)
                    .setStage("RCPT")
                    .setDsn("4.3.5")
                    .setReason("Server configuration problem"));
        }

        assertThat(world.findingsOf("refused-sending")).isEmpty();
        assertThat(world.puts).isEmpty();
    }

    @Test
    void whatAnOperatorSaidIsSpentIsNotCountedAgain() {
        hasWritten(ANN);
        triesUntilBlocked(i -> byMilter(ANN, World.SPAIN, NIGHT.plusSeconds(6L * i), "victim" + i));

        world.says("unblock", ANN, NIGHT.plusSeconds(600), null);
        byMilter(ANN, World.SPAIN, NIGHT.plusSeconds(660), "victim");

        assertThat(world.blockOf(ANN)).isNull();
    }

    private interface Try {
        void at(int i);
    }

    /** How many attempts it takes until the account is blocked; 200 when it never is. */
    private int triesUntilBlocked(Try attempt) {
        int tries = 0;
        while (world.blockOf(ANN) == null && tries < 200) {
            attempt.at(tries++);
        }
        return tries;
    }

    private void hasWritten(String login) {
        for (int day = 12; day >= 1; day--) {
            for (int hour = 8; hour < 17; hour += 3) {
                world.sends(
                        login, World.HOME, NIGHT.minusSeconds((long) day * DAY).plusSeconds(3600L * (hour - 3)));
            }
        }
    }

    private void byMilter(String login, String ip, Instant at, String to) {
        begins(login, ip, at);
        world.receives(refusal("milter_reject", at, to)
                .setQueueId("R" + refusals)
                .setStage("END-OF-MESSAGE")
                .setDsn("5.7.1")
                .setReason("Spam message rejected"));
    }

    private void begins(String login, String ip, Instant at) {
        world.receives(world.event("client", at)
                .setQueueId("R" + ++refusals)
                .setClientIp(ip)
                .setSaslUsername(login));
    }

    private MailEvent.Builder refusal(String kind, Instant at, String to) {
        return world.event(kind, at).setFrom(ANN).setTo(to + "@example.net");
    }

    private List<Evidence> evidence() {
        return world.alerts.get(world.alerts.size() - 1).getEvidence();
    }
}
