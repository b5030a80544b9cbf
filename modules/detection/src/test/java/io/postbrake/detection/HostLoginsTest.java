package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.event.MailEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What all logins of a host together say of the host: nobody can log in, or nobody's own address is seen. Told once each. */
class HostLoginsTest {
    private static final Instant T = Instant.parse("2026-11-21T09:00:00Z");
    private static final String GATEWAY = "172.18.0.1";

    private World world = new World();

    // ---- the authentication server is away

    static Stream<Arguments> waysToBeAway() {
        return Stream.of(
                Arguments.of("saslauthd away, everybody in one office", (BiFunction<HostLoginsTest, Integer, Void>)
                        (t, i) -> t.fails(i, World.HOME, "user" + i, "generic failure")),
                Arguments.of("Dovecot overloaded", (BiFunction<HostLoginsTest, Integer, Void>)
                        (t, i) -> t.unanswered(i, "203.0.113." + i)),
                Arguments.of("Dovecot's data base away", (BiFunction<HostLoginsTest, Integer, Void>)
                        (t, i) -> t.fails(i, "203.0.113." + i, null, "Temporary authentication failure")),
                Arguments.of("Dovecot not started, and no names in the log", (BiFunction<HostLoginsTest, Integer, Void>)
                        (t, i) -> {
                            t.unreachable(i);
                            return t.fails(i, World.HOME, null, "Can't connect to authentication server");
                        }),
                Arguments.of(
                        "an old Postfix that gives no reason", (BiFunction<HostLoginsTest, Integer, Void>) (t, i) -> {
                            t.unreachable(i);
                            return t.fails(i, World.HOME, null, null);
                        }),
                Arguments.of("smtpd that ends before anybody is asked", (BiFunction<HostLoginsTest, Integer, Void>)
                        (t, i) -> t.unreachable(i)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("waysToBeAway")
    void isToldOnceForTheHostAndIsOverWhenLoginsSucceed(String how, BiFunction<HostLoginsTest, Integer, Void> attempt) {
        for (int i = 0; i < 60; i++) {
            attempt.apply(this, i);
        }
        assertThat(world.alerts).singleElement().satisfies(alert -> {
            assertThat(alert.getSubjectType()).isEqualTo("auth_server");
            assertThat(alert.getSubject()).isEqualTo("mx1");
            assertThat(alert.getSeverity()).isEqualTo("warning");
            assertThat(alert.getStartedAt()).isEqualTo(T);
            assertThat(alert.getTitle())
                    .contains("Host mx1: nobody can log in at postfix/submission/smtpd")
                    .endsWith("nothing is blocked: see to the authentication server");
            assertThat(alert.getRunbook()).endsWith("logins-fail.md");
        });

        world.sends("ann", World.HOME, T.plusSeconds(310));
        world.sends("ben", World.HOME, T.plusSeconds(311));

        assertThat(world.alertStatesOf("mx1")).containsExactly("FIRING", "RESOLVED");
        assertThat(world.alerts.get(1).getResolution()).isEqualTo("restored");
        assertThat(world.puts).isEmpty();
    }

    @Test
    void whoGoesOnInASessionOfBeforeIsNoSignThatLoginsSucceed() {
        for (int i = 0; i < 60; i++) {
            fails(i, World.HOME, "user" + i, "generic failure");
            world.sends("printer", World.SPAIN, T.plusSeconds(5L * i + 1));
        }

        assertThat(world.alertStatesOf("mx1")).containsExactly("FIRING");
    }

    @Test
    void aServerThatIsRestartedIsNotTold() {
        for (int i = 0; i < 25; i++) {
            world.receives(session("auth_failed", T.plusMillis(1000L * i))
                    .setClientIp("203.0.113." + i)
                    .setSaslMethod("PLAIN")
                    .setReason("Can't connect to authentication server"));
        }
        world.sends("ann", World.HOME, T.plusSeconds(26));
        world.sends("ben", World.HOME, T.plusSeconds(27));

        assertThat(world.alerts).isEmpty();
    }

    @Test
    void someWhoFailWhileOthersLogInAreNoOutage() {
        for (int i = 0; i < 60; i++) {
            fails(i, World.HOME, "user" + i, "generic failure");
            world.sends("ann", World.HOME, T.plusSeconds(5L * i + 1));
            world.sends("ben", World.HOME, T.plusSeconds(5L * i + 2));
        }

        assertThat(world.alertStatesOf("mx1")).isEmpty();
    }

    @Test
    void oneDeviceThatFailsAllNightIsNoOutage() {
        for (int i = 0; i < 200; i++) {
            fails(i, World.HOME, "scanner", "generic failure");
        }

        assertThat(world.alerts).isEmpty();
    }

    @Test
    void neitherAreWrongPasswordsTokensAndWhatNoServerWasAskedFor() {
        for (int i = 0; i < 60; i++) {
            world.receives(session("auth_failed", T.plusSeconds(20L * i))
                    .setClientIp("203.0.113." + i)
                    .setSaslMethod("XOAUTH2"));
            world.receives(session("auth_failed", T.plusSeconds(20L * i + 1))
                    .setClientIp("203.0.113." + i)
                    .setSaslMethod("PLAIN")
                    .setReason("Invalid base64 data in initial response"));
        }

        assertThat(world.alerts).isEmpty();
    }

    @Test
    void guessersWhomTheServerMakesWaitAreNoOutage() {
        for (int i = 0; i < 120; i++) {
            String guesser = "203.0.113." + i % 8;
            if (i / 8 % 3 == 0) {
                world.fails(null, guesser, T.plusSeconds(5L * i));
            } else {
                unanswered(i, guesser);
            }
        }

        assertThat(world.alerts).extracting(Alert::getSubjectType).doesNotContain("auth_server");
    }

    @Test
    void anOutageAfterWhichNobodyComesIsOverByItself() {
        for (int i = 0; i < 60; i++) {
            unanswered(i, "203.0.113." + i);
        }

        world.ticksUpTo(T.plus(Duration.ofMinutes(16)));

        assertThat(world.alertStates()).containsExactly("FIRING", "RESOLVED");
        assertThat(world.alerts.get(1).getResolution()).isEqualTo("quiet");
        world.ticksUpTo(T.plus(Duration.ofDays(8)));
        assertThat(world.forgotten).hasSize(1);
        assertThat(world.states.get("auth_server:mx1")).isNull();
    }

    @Test
    void anOutageThatIsReadInOldLogsIsNotTold() {
        for (int i = 0; i < 60; i++) {
            world.receives(session("auth_unanswered", T.plusSeconds(5L * i))
                    .setReadAt(T.plus(Duration.ofDays(2)))
                    .setClientIp("203.0.113." + i));
        }

        assertThat(world.alerts).isEmpty();
    }

    @Test
    void howSevereItIsToldIsASetting() {
        world = new World(DetectionConfig.of(Map.of("alert.severity.logins", "critical")));

        for (int i = 0; i < 60; i++) {
            unanswered(i, "203.0.113." + i);
        }

        assertThat(world.alerts).extracting(Alert::getSeverity).containsExactly("critical");
    }

    // ---- true clients are hidden

    @ParameterizedTest
    @ValueSource(strings = {GATEWAY, "127.0.0.1", "fd00:dead:beef::7"})
    void anAddressThatNearlyAllLoginsComeFromIsToldOnceWithWhatMendsIt(String gateway) {
        world.quick();

        for (int day = 0; day < 6; day++) {
            logins(day, gateway, 8, 6);
            logins(day, World.HOME, 1, 6);
        }

        assertThat(world.alerts).singleElement().satisfies(alert -> {
            assertThat(alert.getSubjectType()).isEqualTo("front_end");
            assertThat(alert.getSubject()).isEqualTo(gateway + " on mx1");
            assertThat(alert.getTitle())
                    .contains("logins come from there")
                    .contains("smtpd_upstream_proxy_protocol")
                    .contains("externalTrafficPolicy: Local");
            assertThat(alert.getRunbook()).endsWith("clients-hidden.md");
        });
    }

    @Test
    void itIsOverSomeDaysAfterAddressesArePassedOn() {
        world.quick();
        for (int day = 0; day < 4; day++) {
            logins(day, GATEWAY, 8, 6);
        }

        for (int day = 4; day < 9; day++) {
            logins(day, World.HOME, 8, 6);
            world.ticksUpTo(T.plus(Duration.ofDays(day)));
        }

        assertThat(world.alertStates()).containsExactly("FIRING", "RESOLVED");
        assertThat(world.states.get("front_end:" + GATEWAY + " on mx1")).isNotNull();
        world.ticksUpTo(T.plus(Duration.ofDays(40)));
        assertThat(world.states.get("front_end:" + GATEWAY + " on mx1")).isNull();
    }

    @Test
    void aWebmailBesideOtherClientsIsNotTold() {
        world.quick();

        for (int day = 0; day < 6; day++) {
            logins(day, GATEWAY, 8, 6);
            logins(day, World.HOME, 8, 3);
        }

        assertThat(world.alerts).isEmpty();
    }

    @Test
    void neitherIsOneWithAThiefWhoSendsMoreThanEverybody() {
        world.quick();
        for (int day = 0; day < 4; day++) {
            logins(day, GATEWAY, 8, 6);
            logins(day, World.HOME, 8, 6);
        }
        Instant evening = T.plus(Duration.ofDays(3)).plusSeconds(8 * 3600);

        for (int i = 0; i < 600; i++) {
            host("mx1", "user3", GATEWAY, evening.plusSeconds(4L * i));
        }

        assertThat(world.alerts).extracting(Alert::getSubjectType).doesNotContain("front_end");
    }

    @Test
    void neitherAreAnOfficesAddressDesksOfALocalNetworkAndOneApplication() {
        world.quick();

        for (int day = 0; day < 6; day++) {
            logins(day, World.HOME, 8, 6);
            Instant noon = T.plus(Duration.ofDays(day));
            for (int i = 0; i < 60; i++) {
                host("mx2", "user" + i % 9, "192.168.7." + (10 + i % 9), noon.plusSeconds(600L * i));
                host("mx3", "application", "10.0.0.9", noon.plusSeconds(600L * i));
            }
        }

        assertThat(world.alerts).isEmpty();
    }

    @Test
    void aHostWithoutLoginsFromNearbyKeepsNothingOfThem() {
        logins(0, World.HOME, 8, 6);

        assertThat(world.host("mx1").watermark("log", 0)).satisfies(kept -> {
            assertThat(kept.getNearby()).isNull();
            assertThat(kept.getOutage()).isNull();
        });
    }

    private void logins(int day, String ip, int users, int each) {
        for (int i = 0; i < users * each; i++) {
            host("mx1", "user" + i % users, ip, T.plus(Duration.ofDays(day)).plusSeconds(700L * i));
        }
    }

    private void host(String host, String login, String ip, Instant at) {
        world.receives(world.event("client", at)
                .setHostId(host)
                .setSourceId(host.equals("mx1") ? "log" : host)
                .setQueueId("Q" + at.toEpochMilli() + login)
                .setClientIp(ip)
                .setSaslUsername(login));
    }

    private Void fails(int i, String ip, String login, String reason) {
        world.receives(session("auth_failed", T.plusSeconds(5L * i))
                .setPid(2000L + i)
                .setClientIp(ip)
                .setSaslMethod("PLAIN")
                .setSaslUsername(login)
                .setReason(reason));
        return null;
    }

    private Void unanswered(int i, String ip) {
        world.receives(session("auth_unanswered", T.plusSeconds(5L * i)).setClientIp(ip));
        return null;
    }

    /** Dovecot's own services need no socket of Postfix's. */
    @Test
    void mailboxLoginsDoNotHideThatPostfixCannotReachTheServer() {
        for (int i = 0; i < 20; i++) {
            unreachable(i);
            for (int reader = 0; reader < 3; reader++) {
                world.receives(world.event("login", T.plusSeconds(5L * i + 1 + reader))
                        .setService("imap-login")
                        .setSaslMethod("PLAIN")
                        .setSession("m" + i + "/" + reader)
                        .setClientIp("192.0.2." + reader)
                        .setSaslUsername("reader" + reader + "@example.com"));
            }
        }

        assertThat(world.submissions).anyMatch(s -> s.getPhase().equals("AUTH_OUTAGE"));
    }

    private Void unreachable(int i) {
        world.receives(session("auth_unavailable", T.plusSeconds(5L * i))
                .setPid(2000L + i)
                .setReason("Connect to private/auth failed: Connection refused"));
        return null;
    }

    private MailEvent.Builder session(String kind, Instant at) {
        return world.event(kind, at).setService("smtpd").setSyslogName("postfix/submission/smtpd");
    }
}
