package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.EnforcementReport;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.hosts.HostInput;
import io.postbrake.detection.hosts.HostWatch;
import io.postbrake.state.HostsState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostWatchTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final HostWatch watch = new HostWatch(DetectionConfig.defaults());
    private final List<Alert> alerts = new ArrayList<>();
    private final List<String> forgotten = new ArrayList<>();
    private HostsState state;
    private Instant now = NOON;

    @Test
    void aHostThatDoesNotConfirmInTimeIsAnIncidentUntilItDoes() {
        heard("mx1", "mx2");
        decided("b1", "sasl_user:bob");
        confirmed("mx1", "b1");
        passes(9);
        assertThat(alerts).isEmpty();

        passes(1);
        assertThat(alerts).singleElement().satisfies(alert -> {
            assertThat(alert.getSubjectType()).isEqualTo("host");
            assertThat(alert.getSubject()).isEqualTo("mx2");
            assertThat(alert.getState()).isEqualTo("FIRING");
            assertThat(alert.getDescription()).contains("has not confirmed 1 block");
        });

        confirmed("mx2", "b1");
        passes(1);
        assertThat(alerts).hasSize(2).last().satisfies(alert -> {
            assertThat(alert.getState()).isEqualTo("RESOLVED");
            assertThat(alert.getIncidentId()).isEqualTo(alerts.get(0).getIncidentId());
        });
    }

    @Test
    void anOperatorsBlockOfALocalUserIsWaitedForOnItsHostAlone() {
        heard("mx1", "mx2");
        accept(new HostInput.Said("local_user:33@mx2", now));

        passes(10);

        assertThat(alerts)
                .singleElement()
                .satisfies(alert -> assertThat(alert.getSubject()).isEqualTo("mx2"));
    }

    @Test
    void aBlockThatIsLiftedOrConfirmedByAllIsWaitedForNoMore() {
        heard("mx1");
        decided("b1", "sasl_user:bob");
        accept(new HostInput.Lifted("sasl_user:bob"));
        decided("b2", "sasl_user:eve");
        confirmed("mx1", "b2");

        passes(30);

        assertThat(alerts).isEmpty();
        assertThat(state.getPending()).isEmpty();
    }

    @Test
    void aHostThatOnlyShipsIsWaitedForByNobodyAndAShipperDoesNotSpeakForADeadEnforcer() {
        heard("mx1");
        accept(report("mx2", "shipper", now).build());
        decided("b1", "sasl_user:bob");
        confirmed("mx1", "b1");

        for (int i = 0; i < 100; i++) {
            passes(10);
            accept(report("mx1", "shipper", now).build());
            accept(report("mx2", "shipper", now).build());
        }

        assertThat(alerts).extracting(Alert::getSubject).containsOnly("mx1");
        assertThat(state.getHosts()).hasSize(1);
    }

    @Test
    void anOperatorsBlockIsWaitedForAsWell() {
        heard("mx1", "mx2");
        accept(new HostInput.Said("sasl_user:bob", now));
        confirmedOperators("mx1", "bob", now);
        passes(10);
        assertThat(alerts).singleElement().satisfies(alert -> {
            assertThat(alert.getSubject()).isEqualTo("mx2");
            assertThat(alert.getDescription()).contains("has not confirmed 1 block");
        });

        Instant again = now;
        accept(new HostInput.Said("sasl_user:bob", again));
        confirmedOperators("mx1", "bob", again);
        confirmedOperators("mx2", "bob", again);
        passes(1);

        assertThat(alerts)
                .hasSize(2)
                .last()
                .satisfies(a -> assertThat(a.getState()).isEqualTo("RESOLVED"));
        assertThat(state.getPending()).isEmpty();
    }

    @Test
    void anOperatorsBlockThatWasTakenBackIsWaitedForNoMore() {
        heard("mx1");
        accept(new HostInput.Said("sasl_user:bob", now));
        accept(new HostInput.Lifted("sasl_user:bob"));

        passes(30);

        assertThat(alerts).isEmpty();
    }

    @Test
    void aHostThatSaysWhyItKeepsAnOperatorsBlockOutIsWaitedForNoMore() {
        heard("mx1");
        accept(new HostInput.Said("sasl_user:postmaster", now));
        accept(report("mx1", "word", now)
                .setSubjectType("sasl_user")
                .setSubject("postmaster")
                .setAction("block")
                .setDecidedAt(now)
                .setProblem("policy.never.block keeps it out of the table")
                .build());

        passes(30);

        assertThat(alerts).isEmpty();
    }

    @Test
    void thatAWordWasHeardDoesNotSayThatItsBlockIsInForce() {
        heard("mx1");
        accept(new HostInput.Said("sasl_user:bob", now));
        accept(report("mx1", "word", now)
                .setSubjectType("sasl_user")
                .setSubject("bob")
                .setAction("block")
                .setDecidedAt(now)
                .build());

        passes(30);

        assertThat(alerts).extracting(Alert::getSubject).containsExactly("mx1");
    }

    @Test
    void aBlockWhoseEndIsToldAnewNeedsNoConfirmation() {
        heard("mx1");
        decided("b1", "sasl_user:bob");
        confirmed("mx1", "b1");
        Instant decidedAt = now;
        passes(20);
        heard("mx1");
        accept(new HostInput.Decided("b1", "sasl_user:bob", decidedAt, null));

        passes(30);

        assertThat(alerts).isEmpty();
    }

    @Test
    void aBlockForOneHostIsAskedOfNoOther() {
        heard("mx1");
        heard("mx2");
        accept(new HostInput.Decided("b1", "sasl_user:bob", now, "mx2"));

        passes(15);

        assertThat(alerts).extracting(Alert::getSubject).containsExactly("mx2");
    }

    @Test
    void aBlockThatBecomesEverybodysIsAskedOfAllFromThenOn() {
        heard("mx1");
        heard("mx2");
        accept(new HostInput.Decided("b1", "sasl_user:bob", now, "mx2"));
        passes(9);
        accept(new HostInput.Decided("b1", "sasl_user:bob", now, null));

        passes(9);
        assertThat(alerts).isEmpty();
        passes(2);

        assertThat(alerts).extracting(Alert::getSubject).contains("mx1");
    }

    @Test
    void aHostThatHasABlockAndAcceptsMailInSpiteOfItIsAnIncidentForADay() {
        heard("mx1", "mx2");
        decided("b1", "sasl_user:bob");
        confirmed("mx1", "b1");
        confirmed("mx2", "b1");
        passes(30);
        accept(new HostInput.Disobeyed("mx1", "sasl_user:bob", "submission/smtpd", NOON, now));
        passes(1);

        assertThat(alerts).singleElement().satisfies(alert -> {
            assertThat(alert.getSubject()).isEqualTo("mx1");
            assertThat(alert.getSeverity()).isEqualTo("critical");
            assertThat(alert.getTitle()).contains("a block is not obeyed");
            assertThat(alert.getDescription()).contains("bob", "through submission/smtpd", "postfix check");
            assertThat(alert.getRunbook()).endsWith("block-not-enforced.md");
            assertThat(HostWatch.tellsOfMailOf("bob", alert)).isTrue();
            assertThat(HostWatch.tellsOfMailOf("bo", alert)).isFalse();
        });

        for (int i = 0; i < 86_400 / 20; i++) {
            passes(20, 20);
            heard("mx1", "mx2");
        }
        assertThat(alerts).last().satisfies(alert -> {
            assertThat(alert.getState()).isEqualTo("RESOLVED");
            assertThat(alert.getDescription()).contains("for a day");
        });
    }

    @Test
    void mailThatAHostAcceptsBeforeItHasTheBlockIsAnotherMatter() {
        heard("mx1");
        decided("b1", "sasl_user:bob");
        accept(new HostInput.Disobeyed("mx1", "sasl_user:bob", "smtpd", now, now));
        passes(12);

        assertThat(alerts)
                .singleElement()
                .satisfies(alert -> assertThat(alert.getDescription()).contains("has not confirmed"));
    }

    @Test
    void mailThatWasBegunBeforeTheHostHadTheBlockProvesNothingHoweverLateItIsRead() {
        heard("mx1");
        Instant decided = now;
        decided("b1", "sasl_user:bob");
        passes(30);
        accept(new HostInput.Disobeyed("mx1", "sasl_user:bob", "smtpd", decided, decided.plusSeconds(20)));
        confirmed("mx1", "b1");
        accept(new HostInput.Disobeyed("mx1", "sasl_user:bob", "smtpd", decided, decided.plusSeconds(39)));
        alerts.clear();
        passes(30);
        assertThat(alerts).noneMatch(alert -> alert.getTitle().contains("not obeyed"));

        accept(new HostInput.Disobeyed("mx1", "sasl_user:bob", "smtpd", decided, decided.plusSeconds(41)));
        passes(1);

        assertThat(alerts)
                .last()
                .satisfies(alert -> assertThat(alert.getTitle()).contains("not obeyed"));
    }

    @Test
    void nobodyIsBlamedWhoseSettingsKeepTheBlockOutOrWhoHasNoEnforcer() {
        heard("mx1");
        decided("b1", "sasl_user:postmaster");
        accept(report("mx1", "block", now)
                .setBlockId("b1")
                .setSubjectType("sasl_user")
                .setSubject("postmaster")
                .setProblem("policy.never.block keeps it out of the table")
                .build());
        accept(new HostInput.Disobeyed("mx1", "sasl_user:postmaster", "smtpd", now, now));
        accept(new HostInput.Disobeyed("mx7", "sasl_user:postmaster", "smtpd", now, now));
        passes(20);
        assertThat(alerts).isEmpty();

        accept(new HostInput.Lifted("sasl_user:postmaster"));
        accept(report("mx1", "block", now)
                .setBlockId("b2")
                .setSubjectType("sasl_user")
                .setSubject("postmaster")
                .build());
        passes(11);
        accept(new HostInput.Disobeyed("mx1", "sasl_user:postmaster", "smtpd", now, now));
        passes(1);

        assertThat(alerts)
                .as("what was kept out is no excuse for a later block")
                .hasSize(1);
    }

    @Test
    void silenceIsToldWhateverTheHostsClockSays() {
        accept(report("mx1", "host", NOON.plus(Duration.ofDays(400))).build());
        passes(1);
        accept(report("mx1", "host", NOON.minus(Duration.ofDays(400))).build());

        passes(59);
        assertThat(alerts).isEmpty();
        passes(1);
        assertThat(alerts)
                .singleElement()
                .satisfies(a -> assertThat(a.getDescription()).contains("silent since"));
        heard("mx1");
        passes(1);
        assertThat(alerts).last().satisfies(a -> assertThat(a.getState()).isEqualTo("RESOLVED"));
    }

    @Test
    void aTableThatCannotBeWrittenIsToldAtOnce() {
        accept(report("mx1", "host", now).setProblem("disk full").build());
        passes(1);

        assertThat(alerts)
                .singleElement()
                .satisfies(a -> assertThat(a.getDescription()).isEqualTo("Its tables cannot be written: disk full"));
    }

    @Test
    void whileTheWatchItselfIsAwayNobodyIsSilent() {
        heard("mx1");
        passes(1);

        now = now.plus(Duration.ofHours(3));
        passes(30);

        assertThat(alerts).isEmpty();
    }

    @Test
    void aHostThatIsGoneForADayIsNoHostAndItsAlertGoesLater() {
        heard("mx1");
        passes(61);
        assertThat(alerts).hasSize(1);

        for (int i = 0; i < 24 * 60 * 4; i++) {
            passes(15, 15);
        }
        assertThat(state.getHosts()).isEmpty();
        assertThat(alerts).last().satisfies(a -> assertThat(a.getState()).isEqualTo("RESOLVED"));

        now = now.plus(Duration.ofDays(7));
        passes(1);
        assertThat(forgotten).containsExactly(alerts.get(0).getIncidentId().toString());
        assertThat(state.getResolved()).isEmpty();
    }

    @Test
    void aHostThatSaidFarewellIsMissedByNobodyAndItsIncidentEnds() {
        heard("mx1", "mx2");
        passes(61);
        decided("b1", "sasl_user:bob");
        accept(report("mx1", "host", now).setEndedAt(now).build());
        accept(report("mx2", "host", now).setEndedAt(now).build());
        accept(report("mx2", "shipper", now).build());

        passes(600);

        assertThat(state.getHosts()).isEmpty();
        assertThat(state.getPending()).isEmpty();
        assertThat(alerts).extracting(Alert::getState).containsExactly("FIRING", "FIRING", "RESOLVED", "RESOLVED");
    }

    @Test
    void aShippersFarewellSaysNothingOfTheEnforcer() {
        heard("mx1");
        accept(report("mx1", "shipper", now).setEndedAt(now).build());

        passes(61);

        assertThat(alerts).singleElement().extracting(Alert::getSubject).isEqualTo("mx1");
    }

    private void heard(String... hosts) {
        for (String host : hosts) {
            accept(report(host, "host", now).build());
        }
        passes(0);
    }

    private void confirmed(String host, String block) {
        accept(report(host, "block", now)
                .setBlockId(block)
                .setSubjectType("sasl_user")
                .setSubject("bob")
                .build());
    }

    private void confirmedOperators(String host, String account, Instant saidAt) {
        accept(report(host, "block", now)
                .setSubjectType("sasl_user")
                .setSubject(account)
                .setDecidedAt(saidAt)
                .build());
    }

    private void decided(String id, String subject) {
        accept(new HostInput.Decided(id, subject, now, null));
    }

    private void passes(int seconds) {
        passes(seconds, 1);
    }

    private void passes(int seconds, int step) {
        Instant until = now.plusSeconds(seconds);
        do {
            now = now.plusSeconds(seconds == 0 ? 0 : step);
            accept(new HostInput.Tick(now));
        } while (now.isBefore(until));
    }

    private static EnforcementReport.Builder report(String host, String kind, Instant at) {
        return EnforcementReport.newBuilder().setHostId(host).setKind(kind).setAt(at);
    }

    private void accept(EnforcementReport report) {
        accept(new HostInput.Report(report));
    }

    private void accept(HostInput input) {
        HostWatch.Result result = watch.accept(state, input);
        state = result.state();
        alerts.addAll(result.alerts());
        forgotten.addAll(result.forgotten());
    }
}
