package io.postbrake.detection;

import static io.postbrake.detection.World.BRAZIL;
import static io.postbrake.detection.World.HOME;
import static io.postbrake.detection.World.SPAIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.event.MailEvent;
import io.postbrake.finding.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins at Dovecot, which need no mail: who guesses, who reads from elsewhere, and who does neither. */
class MailboxLoginsTest {
    private static final Instant T = Instant.parse("2026-03-02T08:00:00Z");
    private static final String ANN = "ann@example.com";
    private static final String THIEF = "203.0.113.66";

    private World world = new World().quick();
    private int session;

    @Test
    void guessingThroughDovecotRaisesWhatTheSameThroughPostfixRaises() {
        World postfix = new World();
        for (int i = 0; i < 120; i++) {
            Instant at = T.plusSeconds(5L * i);
            fails("submission-login", "name" + i % 30 + "@example.com", THIEF, at, 1);
            postfix.fails("name" + i % 30 + "@example.com", THIEF, at);
        }

        assertThat(world.blocks.keySet()).contains("client_ip:" + THIEF);
        assertThat(world.blocks.keySet()).isEqualTo(postfix.blocks.keySet());
        assertThat(world.findings)
                .extracting(Finding::getDetector)
                .isEqualTo(postfix.findings.stream().map(Finding::getDetector).toList());
    }

    @Test
    void guessesSpreadOverProtocolsAndPostfixCountTogether() {
        String[] services = {"imap-login", "pop3-login", "submission-login", "managesieve-login"};
        for (int i = 0; i < 8; i++) {
            fails(services[i % 4], "name" + i + "@example.com", THIEF, T.plusSeconds(20L * i), 1);
        }
        world.fails("name8@example.com", THIEF, T.plusSeconds(200));
        assertThat(world.blocks).isEmpty();

        world.fails("name9@example.com", THIEF, T.plusSeconds(210));

        assertThat(world.blocks).containsKey("client_ip:" + THIEF);
    }

    @Test
    void aConnectionThatTwoHostsTellOfCountsOnce() {
        for (int i = 0; i < 5; i++) {
            String id = "shared" + i;
            Instant at = T.plusSeconds(10L * i);
            world.receives(failed("imap-login", "name" + i, THIEF, at, 1).setSession(id));
            world.receives(failed("imap-login", "name" + i, THIEF, at.plusSeconds(1), 1)
                    .setSession(id)
                    .setHostId("imap1")
                    .setSourceId("imap1"));
        }

        assertThat(opinions()).isEmpty();
    }

    /** Of each login that succeeds there is a line of each database that does not know it. */
    @Test
    void whatTheAuthenticationServerSaysOfItsDatabasesIsNoFailure() {
        for (int i = 0; i < 200; i++) {
            world.receives(world.event("login_reason", T.plusSeconds(i))
                    .setService("auth")
                    .setClientIp(HOME)
                    .setSaslUsername(ANN)
                    .setReason("unknown user"));
        }

        assertThat(world.submissions).isEmpty();
        assertThat(opinions()).isEmpty();
    }

    /** Postfix tells of the attempt, Dovecot's authentication server on another host of both its databases: it was one. */
    @Test
    void aFailureThatPostfixAndTheAuthenticationServerTellCountsOnce() {
        for (int i = 0; i < 9; i++) {
            Instant at = T.plusSeconds(10L * i);
            for (String why : List.of("unknown user", "Password mismatch")) {
                world.receives(world.event("login_reason", at)
                        .setHostId("imap1")
                        .setSourceId("imap1")
                        .setService("auth")
                        .setClientIp(THIEF)
                        .setSaslUsername("name" + i)
                        .setReason(why));
            }
            world.fails("name" + i, THIEF, at.plusSeconds(2));
        }
        assertThat(opinions()).isEmpty();

        world.fails("name9", THIEF, T.plusSeconds(95));

        assertThat(world.findings).extracting(Finding::getDetector).contains("guessing-by-address");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "allow_nets check failed: IP 198.51.100.7 not in allowed networks",
                "Authentication failure due to policy server refusal: not from there"
            })
    void aRefusalByNetworkIsNoGuess(String why) {
        for (int i = 0; i < 40; i++) {
            Instant at = T.plusSeconds(10L * i);
            String id = "phone" + i;
            world.receives(world.event("login_reason", at)
                    .setService("auth")
                    .setClientIp(BRAZIL)
                    .setSaslUsername(ANN)
                    .setSession(id)
                    .setReason(why));
            world.receives(
                    failed("imap-login", ANN, BRAZIL, at.plusSeconds(1), 1).setSession(id));
        }

        assertThat(world.submissions).extracting(s -> s.getPhase()).containsOnly("AUTH_ERROR");
        assertThat(opinions()).isEmpty();
    }

    @Test
    void tokensDisabledUsersAndPasswordsInClearAreNoGuesses() {
        for (int i = 0; i < 30; i++) {
            Instant at = T.plusSeconds(10L * i);
            world.receives(failed("imap-login", ANN, HOME, at, 1).setSaslMethod("XOAUTH2"));
            world.receives(failed("imap-login", ANN, HOME, at, 1).setReason("user disabled"));
            world.receives(failed("imap-login", ANN, HOME, at, 0).setSaslMethod(null));
        }

        assertThat(opinions()).isEmpty();
    }

    @Test
    void successAfterGuessingIsAnIncidentBeforeAnyMail() {
        for (int i = 0; i < 8; i++) {
            fails("imap-login", "name" + i + "@example.com", THIEF, T.plusSeconds(20L * i), 1);
        }

        logsIn(ANN, THIEF, T.plusSeconds(200));

        assertThat(incidents(ANN)).isNotEmpty();
        assertThat(world.blocks.get("sasl_user:" + ANN).getAction()).isEqualTo("hold");
        assertThat(world.submissions).noneMatch(s -> s.getPhase().equals("ACCEPTED"));
    }

    /** Telephones with old passwords behind an office's address, where others get their mail all day. */
    @Test
    void devicesWithOldPasswordsInAnOfficeStopNoColleague() {
        for (int minute = 0; minute < 2 * 24 * 60; minute += 10) {
            Instant at = T.plus(Duration.ofMinutes(minute));
            for (int i = 0; i < 4; i++) {
                logsIn("colleague" + i + "@example.com", HOME, at.plusSeconds(i));
                fails("imap-login", "old" + i + "@example.com", HOME, at.plusSeconds(10 + i), 1);
            }
        }
        logsIn("new@example.com", HOME, T.plus(Duration.ofDays(2)));

        assertThat(world.blocks.keySet()).noneMatch(key -> key.startsWith("sasl_user:"));
        assertThat(world.blocks).doesNotContainKey("client_ip:" + HOME);
    }

    @Test
    void aThiefWhoOnlyReadsIsAnIncidentWhileTheOwnersPhoneGoesOn() {
        polls(HOME, 0, 20);
        pollsOnDay(HOME, 20, 12);
        Instant theft = T.plus(Duration.ofDays(20)).plusSeconds(3 * 3600);

        logsIn(ANN, BRAZIL, theft);

        assertThat(incidents(ANN)).isNotEmpty();
        assertThat(world.findings)
                .filteredOn(f -> f.getSubject().equals(ANN))
                .extracting(Finding::getDetector)
                .containsExactly("unfamiliar-reading");
        assertThat(world.blocks).isEmpty();
    }

    /** By choice: what the owner sends waits then, and hosts learn what to leave of the mailbox. */
    @Test
    void byChoiceReadingBesideTheOwnerHoldsAndNamesItsHome() {
        world = new World(DetectionConfig.of(Map.of("detectors.unfamiliar-reading.hold", true))).quick();
        polls(HOME, 0, 20);
        pollsOnDay(HOME, 20, 12);
        Instant theft = T.plus(Duration.ofDays(20)).plusSeconds(3 * 3600);

        for (int i = 0; i < 200; i++) {
            logsIn(ANN, BRAZIL, theft.plusSeconds(30L * i));
            logsIn(ANN, HOME, theft.plusSeconds(30L * i + 10));
        }

        Block block = world.blocks.get("sasl_user:" + ANN);
        assertThat(block.getAction()).isEqualTo("hold");
        assertThat(block.getHomeNetworks()).containsExactly(wide(HOME)).doesNotContain(wide(BRAZIL));
    }

    private static String wide(String ip) {
        return ip.substring(0, ip.indexOf('.', ip.indexOf('.') + 1)) + ".0.0/16";
    }

    /** Who is abroad with what reads the mailbox, and leaves nobody at home, is a traveller: he is told of. */
    @Test
    void byChoiceATravellerIsNotHeld() {
        world = new World(DetectionConfig.of(Map.of("detectors.unfamiliar-reading.hold", true))).quick();
        polls(HOME, 0, 20);
        for (int day = 21; day < 30; day++) {
            pollsOnDay(BRAZIL, day, 40);
        }

        assertThat(world.findings).extracting(Finding::getDetector).contains("unfamiliar-reading");
        assertThat(world.blocks).isEmpty();
    }

    /** He asks every minute for weeks: only days count, and none of them from abroad while the owner is at home. */
    @Test
    void whoOnlyReadsIsNotAtHomeByManyPolls() {
        polls(HOME, 0, 20);
        for (int day = 20; day < 48; day++) {
            pollsOnDay(HOME, day, 12);
            for (int i = 0; i < 300; i++) {
                logsIn(ANN, BRAZIL, T.plus(Duration.ofDays(day)).plusSeconds(3 * 3600 + 60L * i));
            }
        }

        long last = T.plus(Duration.ofDays(41)).toEpochMilli();
        assertThat(world.findings)
                .filteredOn(f -> f.getDetector().equals("unfamiliar-reading"))
                .anyMatch(f -> f.getOccurredAt().toEpochMilli() >= last);
    }

    @Test
    void whatTelephoneOfficeAndAProvidersCloudAskTogetherIsNobodyStolen() {
        for (int day = 0; day < 40; day++) {
            for (int quarter = 0; quarter < 40; quarter++) {
                Instant at = T.plus(Duration.ofDays(day)).plusSeconds(900L * quarter);
                logsIn(ANN, HOME, at);
                logsIn(ANN, SPAIN, at.plusSeconds(60));
                logsIn(ANN, BRAZIL, at.plusSeconds(120));
            }
        }

        assertThat(opinions()).isEmpty();
        assertThat(world.alerts).isEmpty();
    }

    @Test
    void aTravellersPhoneIsNoIncidentAndAtHomeAfterTwoWeeks() {
        polls(HOME, 0, 20);
        for (int day = 21; day < 36; day++) {
            pollsOnDay(BRAZIL, day, 40);
        }
        int before = opinions().size();
        polls(BRAZIL, 36, 60);

        assertThat(incidents(ANN)).isEmpty();
        assertThat(opinions()).hasSize(before);
    }

    @Test
    void travelFromAMailboxAtHomeToMailFromElsewhereIsSeen() {
        for (int day = 0; day < 20; day++) {
            world.sends(ANN, HOME, T.plus(Duration.ofDays(day)));
        }
        polls(HOME, 0, 20);
        pollsOnDay(HOME, 20, 12);
        Instant at = T.plus(Duration.ofDays(20)).plusSeconds(3 * 3600);

        world.sends(ANN, BRAZIL, at);

        assertThat(world.findings).extracting(Finding::getDetector).contains("impossible-travel");
    }

    @Test
    void anOperatorsWordMakesThePlaceTheOwners() {
        polls(HOME, 0, 20);
        pollsOnDay(HOME, 20, 12);
        Instant first = T.plus(Duration.ofDays(20)).plusSeconds(3 * 3600);
        logsIn(ANN, BRAZIL, first);
        assertThat(incidents(ANN)).isNotEmpty();
        world.says("unblock", ANN, first.plusSeconds(60), null);
        int before = opinions().size();

        for (int day = 21; day < 24; day++) {
            pollsOnDay(HOME, day, 12);
            logsIn(ANN, BRAZIL, T.plus(Duration.ofDays(day)).plusSeconds(3 * 3600));
        }

        assertThat(opinions()).hasSize(before);
    }

    /** One login that its network forbids must not hide the guesses beside it in the connection. */
    @Test
    void guessesBesideARefusalByNetworkCount() {
        Instant at = T;
        for (int i = 0; i < 6; i++) {
            String id = "mixed" + i;
            at = T.plusSeconds(10L * i);
            world.receives(world.event("login_reason", at)
                    .setService("auth")
                    .setClientIp(THIEF)
                    .setSaslUsername(ANN)
                    .setSession(id)
                    .setReason("allow_nets check failed: IP 203.0.113.66 not in allowed networks"));
            world.receives(
                    failed("imap-login", ANN, THIEF, at.plusSeconds(1), 3).setSession(id));
        }

        assertThat(world.submissions).allMatch(s -> s.getPhase().equals("AUTH_FAILED") && s.getRepeats() == 2);
    }

    @Test
    void noNumberOfALineTurnsACountAround() {
        world.receives(failed("imap-login", ANN, THIEF, T, 999_999_999_999_999_999L)
                .setSession("x")
                .setRepeats(999_999_999_999_999_999L));

        assertThat(world.submissions.get(0).getRepeats()).isPositive().isLessThanOrEqualTo(1_000_000_000_000L);
    }

    /** A webmail that connects to the public name of the host that it runs on. */
    @Test
    void aHostThatIsItsOwnClientIsNeverBlockedAndNoPlace() {
        for (int i = 0; i < 120; i++) {
            Instant at = T.plusSeconds(5L * i);
            world.receives(failed("imap-login", "name" + i % 30 + "@example.com", HOME, at, 1)
                    .setSession("w" + i)
                    .setLocalIp(HOME));
        }

        assertThat(world.blocks).isEmpty();
        assertThat(world.submissions).allMatch(s -> s.getClientIp().equals("127.0.0.1") && s.getCountry() == null);
    }

    /** Until then the owner had read by a webmail alone, which tells nothing of where that was. */
    @Test
    void aTelephoneBesideAWebmailIsAtHomeAfterTwoWeeks() {
        for (int day = 0; day < 60; day++) {
            pollsOnDay("127.0.0.1", day, 4);
            if (day >= 20) {
                pollsOnDay(HOME, day, 4);
            }
        }

        long settled = T.plus(Duration.ofDays(36)).toEpochMilli();
        assertThat(opinions()).noneMatch(f -> f.getOccurredAt().toEpochMilli() >= settled);
    }

    /** A provider's cloud abroad begins to fetch the mail: the owner's mail from home came from nowhere else. */
    @Test
    void mailFromHomeAfterALoginFromElsewhereIsNoTravel() {
        for (int day = 0; day < 20; day++) {
            world.sends(ANN, HOME, T.plus(Duration.ofDays(day)));
        }
        polls(HOME, 0, 20);
        for (int i = 0; i < 5; i++) {
            Instant at = T.plus(Duration.ofDays(20)).plusSeconds(3600L * i);
            logsIn(ANN, BRAZIL, at);
            world.sends(ANN, HOME, at.plusSeconds(60));
        }

        assertThat(world.findings).extracting(Finding::getDetector).doesNotContain("impossible-travel");
    }

    /** Findings that are no news to other subjects. */
    private List<Finding> opinions() {
        return world.findings.stream().filter(f -> f.getScore() > 0).toList();
    }

    private List<Alert> incidents(String login) {
        return world.alerts.stream().filter(a -> a.getSubject().equals(login)).toList();
    }

    /** Every quarter of an hour from eight to six, from the first of these days to before the last. */
    private void polls(String ip, int from, int to) {
        for (int day = from; day < to; day++) {
            pollsOnDay(ip, day, 40);
        }
    }

    private void pollsOnDay(String ip, int day, int quarters) {
        for (int quarter = 0; quarter < quarters; quarter++) {
            logsIn(ANN, ip, T.plus(Duration.ofDays(day)).plusSeconds(900L * quarter));
        }
    }

    private void logsIn(String login, String ip, Instant at) {
        world.receives(world.event("login", at)
                .setService("imap-login")
                .setSaslMethod("PLAIN")
                .setTls("TLS")
                .setSession("s" + ++session)
                .setClientIp(ip)
                .setSaslUsername(login));
    }

    private void fails(String service, String login, String ip, Instant at, long attempts) {
        world.receives(failed(service, login, ip, at, attempts).setSession("s" + ++session));
    }

    private MailEvent.Builder failed(String service, String login, String ip, Instant at, long attempts) {
        return world.event("login_failed", at)
                .setService(service)
                .setSaslMethod("PLAIN")
                .setReason("auth failed")
                .setAttempts(attempts)
                .setClientIp(ip)
                .setSaslUsername(login);
    }
}
