package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.detection.profile.ClientPrograms;
import io.postbrake.finding.Finding;
import io.postbrake.state.Origin;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What an account sends with, and for how long it goes on, where the account is at home. */
class ProgramsTest {
    private static final Instant T = Instant.parse("2026-03-05T10:00:00Z");

    private final World world = new World();
    private int queue;
    private long pid = 100;

    @Test
    void aBurstAtTheDeskIsStoppedWhenAProgramSendsThatTheAccountDoesNotUse() {
        office("ann", "PLAIN", "TLSv1.3");
        office("bob", "PLAIN", "TLSv1.3");

        for (int i = 0; i < 30; i++) {
            sends("ann", "LOGIN", "TLSv1.2", T.plusSeconds(20L * i));
            sends("bob", "PLAIN", "TLSv1.3", T.plusSeconds(20L * i));
        }

        assertThat(world.blockOf("ann")).isNotNull();
        assertThat(world.blockOf("bob")).isNull();
        assertThat(world.findingsOf("unfamiliar-sending"))
                .isNotEmpty()
                .extracting(Finding::getTitle)
                .allMatch(title -> title.contains("with a program that the account does not use (LOGIN, TLS 1.2)"));
    }

    @Test
    void aNewTelephoneAtTheUsualPaceIsNotStoppedAndIsUsualAfterThreeDays() {
        office("ann", "PLAIN", "TLSv1.3");

        for (int day = 0; day < 5; day++) {
            for (int i = 0; i < 6; i++) {
                sends("ann", "LOGIN", "TLSv1.2", T.plusSeconds(86_400L * day + 3000L * i));
            }
        }

        assertThat(world.findingsOf("unfamiliar-sending")).isEmpty();
        assertThat(world.puts).isEmpty();
        Instant later = T.plusSeconds(5 * 86_400L);
        assertThat(new ClientPrograms(world.stateOf("ann")).settled("LOGIN 1.2", later))
                .isTrue();
        assertThat(new ClientPrograms(world.stateOf("ann")).settled("LOGIN 1", later))
                .isFalse();
    }

    @Test
    void whereTheLogDoesNotTellTheProtocolTheMechanismAloneIsCompared() {
        office("ann", "PLAIN", null);
        office("bob", "PLAIN", "TLSv1.3");

        ClientPrograms toldLater = new ClientPrograms(world.stateOf("ann"));
        ClientPrograms toldEarlier = new ClientPrograms(world.stateOf("bob"));

        assertThat(toldLater.weight("PLAIN 1.3", T)).isLessThanOrEqualTo(0);
        assertThat(toldEarlier.weight("PLAIN", T)).isZero();
        assertThat(toldLater.weight("LOGIN 1.3", T)).isPositive();
        assertThat(toldEarlier.weight("LOGIN", T)).isPositive();
    }

    @Test
    void anOlderProtocolWeighsLessThanAnotherMechanismAndANewerOneNothing() {
        office("ann", "PLAIN", "TLSv1.2");

        ClientPrograms programs = new ClientPrograms(world.stateOf("ann"));

        assertThat(programs.weight("PLAIN 1", T)).isBetween(0.5, programs.weight("LOGIN 1.3", T) - 0.5);
        assertThat(programs.weight("PLAIN 1.3", T)).isZero();
        assertThat(programs.weight("PLAIN 1.2", T)).isNegative();
    }

    @Test
    void aCircularAfterAnUpdateOfTheServersTlsIsNotStopped() {
        office("ann", "PLAIN", "TLSv1.2");
        office("bob", "PLAIN", "TLSv1.3");

        for (int i = 0; i < 100; i++) {
            sends("ann", "PLAIN", "TLSv1.3", T.plusSeconds(4L * i));
            sends("bob", "PLAIN", "TLSv1.2", T.plusSeconds(4L * i));
        }

        assertThat(world.blockOf("ann")).isNull();
        assertThat(world.blockOf("bob")).as("nothing makes clients older").isNotNull();
    }

    @Test
    void aBlockForgetsTheProgramThatTheThiefBrought() {
        office("ann", "PLAIN", "TLSv1.3");

        for (int i = 0; i < 30; i++) {
            sends("ann", "LOGIN", "TLSv1.2", T.plusSeconds(20L * i));
        }

        assertThat(world.stateOf("ann").getPrograms())
                .extracting(Origin::getName)
                .containsExactly("PLAIN 1.3");
    }

    @Test
    void aCircularFromTheDeskEndsAndAThiefWhoGoesOnForHoursIsStopped() {
        office("ann", "PLAIN", "TLSv1.3");
        office("bob", "PLAIN", "TLSv1.3");

        for (int i = 0; i < 300; i++) {
            sends("bob", "PLAIN", "TLSv1.3", T.plusSeconds(4L * i));
            sends("ann", "PLAIN", "TLSv1.3", T.plusSeconds(60L * i));
        }

        assertThat(world.blockOf("bob")).isNull();
        assertThat(world.blockOf("ann")).isNotNull();
        assertThat(world.blockOf("ann").getDecidedAt()).isBefore(T.plusSeconds(5 * 3600));
    }

    /** A front end that passes logins on may not name the mechanism. */
    @Test
    void aThiefOfWhoseProgramTheLogSaysNothingIsJudgedByThePlaceAndStopped() {
        office("ann", "PLAIN", "TLSv1.3");

        for (int i = 0; i < 30; i++) {
            world.sends("ann", World.BRAZIL, T.plusSeconds(20L * i));
        }

        assertThat(world.blockOf("ann")).isNotNull();
    }

    private void office(String login, String mechanism, String tls) {
        for (int day = 20; day >= 1; day--) {
            for (int i = 0; i < 5; i++) {
                sends(login, mechanism, tls, T.minusSeconds(86_400L * day - 4000L * i));
            }
        }
    }

    private void sends(String login, String mechanism, String tls, Instant at) {
        String id = "P" + ++queue;
        pid++;
        if (tls != null) {
            world.receives(world.event("tls", at)
                    .setService("smtpd")
                    .setPid(pid)
                    .setClientIp(World.HOME)
                    .setTls(tls));
        }
        world.receives(world.event("client", at)
                .setService("smtpd")
                .setPid(pid)
                .setQueueId(id)
                .setClientIp(World.HOME)
                .setSaslMethod(mechanism)
                .setSaslUsername(login));
        world.receives(world.event("queued", at).setQueueId(id).setNrcpt(1L));
        world.receives(
                world.event("disconnect", at).setService("smtpd").setPid(pid).setClientIp(World.HOME));
        world.receives(world.event("removed", at).setQueueId(id));
    }
}
