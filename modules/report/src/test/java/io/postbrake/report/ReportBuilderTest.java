package io.postbrake.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.event.Submission;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is counted of a replay, and what is made of it. */
class ReportBuilderTest {

    private static final String ANN = "ann@my-domain.net";
    private static final Instant MONDAY = Instant.parse("2026-11-02T08:00:00Z");

    private final ReportBuilder builder = new ReportBuilder(Instant.MIN, ZoneOffset.UTC);

    @Test
    void whatIsNormalIsSaidByQuantilesOfHoursAndDaysWithMail() {
        for (int day = 0; day < 20; day++) {
            sends(ANN, MONDAY.plus(Duration.ofDays(day)), day == 19 ? 9 : 2, 3);
        }

        Report.Account ann = report().accounts().get(0);

        assertThat(ann.messages()).isEqualTo(47);
        assertThat(ann.recipients()).isEqualTo(141);
        assertThat(ann.days()).isEqualTo(20);
        assertThat(ann.messagesAnHour()).isEqualTo(new Report.Quantiles(2, 2, 9));
        assertThat(ann.messagesADay()).isEqualTo(new Report.Quantiles(2, 2, 9));
        assertThat(ann.recipientsADay()).isEqualTo(new Report.Quantiles(6, 6, 27));
        assertThat(ann.hours().get(8)).isEqualTo(47);
        assertThat(ann.places()).containsExactly("192.0.2.7");
    }

    @Test
    void mailWithinABlockIsCountedWithItAndIsNotNormal() {
        sends(ANN, MONDAY, 2, 1);
        builder.block(MONDAY.plusSeconds(60), block(ANN, "hold", MONDAY.plusSeconds(3660)), "velocity-ceiling");
        builder.block(MONDAY.plusSeconds(61), block(ANN, "reject", MONDAY.plusSeconds(7260)), "new-country");
        sends(ANN, MONDAY.plusSeconds(120), 5, 4);
        builder.lift(MONDAY.plusSeconds(200), "sasl_user:" + ANN);
        sends(ANN, MONDAY.plusSeconds(300), 1, 1);

        Report report = report();

        assertThat(report.stops()).singleElement().satisfies(stop -> {
            assertThat(stop.action()).isEqualTo("reject");
            assertThat(stop.detector()).isEqualTo("new-country");
            assertThat(stop.until()).isEqualTo(MONDAY.plusSeconds(200));
            assertThat(stop.messages()).isEqualTo(5);
            assertThat(stop.recipients()).isEqualTo(20);
        });
        assertThat(report.sum().messages()).isEqualTo(8);
        assertThat(report.sum().stoppedMessages()).isEqualTo(5);
        assertThat(report.days())
                .first()
                .isEqualTo(new Report.Day(MONDAY.atZone(ZoneOffset.UTC).toLocalDate(), 8, 23, 5));
        assertThat(report.accounts().get(0).messagesADay().most())
                .as("without those within the block")
                .isEqualTo(3);
        assertThat(report.domains().get(0).stoppedAccounts()).isEqualTo(1);
    }

    @Test
    void anIncidentIsObservedAsLongAsNothingIsBlockedForIt() {
        builder.alert(MONDAY, alert("ann", 1), "new-country");
        builder.alert(MONDAY, alert("ben", 2), "new-country");
        Block block = block("ben", "hold", MONDAY.plusSeconds(60));
        block.setIncidentId(new UUID(0, 2));
        builder.block(MONDAY, block, "new-country");
        sends("ann", MONDAY, 1, 1);

        assertThat(report().observed()).containsExactly(new Report.Observed("new-country", 1, List.of("ann")));
    }

    @Test
    void fixedLimitsRefuseWhatIsOverThemOnEachHostAndCountWhomNobodySuspects() {
        for (int i = 0; i < 60; i++) {
            sends(ANN, MONDAY.plusSeconds(i), 1, 1);
        }
        sends("ben@other.example", MONDAY, 50, 1);

        Report report = report();

        assertThat(report.sum().limits()).isEqualTo(new Report.Limits(50, 200, 10, 1, 1));
        assertThat(report.domains()).extracting(Report.Domain::overLimits).containsExactly(10L, 0L);
    }

    @Test
    void theDailyLimitLooksADayBack() {
        var quotas = new Quotas();
        long refused = 0;
        for (int hour = 0; hour < 24; hour++) {
            for (int i = 0; i < 10; i++) {
                refused += quotas.refuses("mx1", ANN, hour * 3_600_000L + i) ? 1 : 0;
            }
        }

        assertThat(refused).isEqualTo(40);
        assertThat(quotas.refuses("mx2", ANN, 0)).as("another host").isFalse();
        assertThat(quotas.refuses("mx1", ANN, 24 * 3_600_000L + 20))
                .as("a day later")
                .isFalse();
    }

    @Test
    void accountsThatNeedAWordAreFound() {
        for (int day = 0; day < 5; day++) {
            Instant midnight = Instant.parse("2026-11-02T00:00:00Z").plus(Duration.ofDays(day));
            sends("news", midnight.plusSeconds(36_000), 2, 1);
            sends("person", midnight.plusSeconds(36_000), 8, 2);
            for (int hour = 0; hour < 24; hour++) {
                sends("service", midnight.plusSeconds(3600L * hour), 1, 1);
            }
            for (int desk = 1; desk <= 4; desk++) {
                builder.submission(accepted("info", midnight.plusSeconds(40_000), 1, "192.0." + desk + ".1"));
            }
        }
        sends("news", MONDAY.plus(Duration.ofDays(4)), 1, 300);

        assertThat(report().words())
                .extracting(w -> w.account() + " " + w.kind())
                .containsExactly("news NEWSLETTER", "service SERVICE", "info SHARED");
    }

    @Test
    void whatCameBeforeIsHistory() {
        var later = new ReportBuilder(MONDAY, ZoneId.of("Europe/Berlin"));
        later.submission(accepted(ANN, MONDAY.minusSeconds(1), 1, "192.0.2.7"));
        later.submission(accepted(ANN, MONDAY, 1, "192.0.2.7"));

        Report report = later.report(MONDAY.minusSeconds(1), MONDAY);

        assertThat(report.sum().messages()).isEqualTo(1);
        assertThat(report.accounts().get(0).hours().get(9)).as("in the zone").isEqualTo(1);
    }

    @Test
    void whereNobodySentAnythingTheTimeIsSaidAllTheSame() {
        Report report = report();

        assertThat(report.sum().messages()).isZero();
        assertThat(report.days()).hasSize(40).allMatch(day -> day.messages() == 0);
        assertThat(new HtmlReport(report).page()).contains("2026-11-02 08:00 to 2026-12-11 08:00");
        assertThat(new TextReport(report, text -> text, 5).lines()).contains("nothing", "none");
    }

    private Report report() {
        return builder.report(MONDAY, MONDAY.plus(Duration.ofDays(39)));
    }

    private void sends(String account, Instant from, int messages, long recipients) {
        for (int i = 0; i < messages; i++) {
            builder.submission(accepted(account, from.plusSeconds(i), recipients, "192.0.2.7"));
        }
    }

    private static Submission accepted(String account, Instant at, long recipients, String ip) {
        return Submission.newBuilder()
                .setPhase("ACCEPTED")
                .setHostId("mx1")
                .setAccount(account)
                .setClientIp(ip)
                .setFrom(account)
                .setRecipients(recipients)
                .setRepeats(1)
                .setOccurredAt(at)
                .setReadAt(at)
                .setSourceId("s")
                .setGeneration(0)
                .setPosition(0)
                .build();
    }

    static Block block(String account, String action, Instant until) {
        return Block.newBuilder()
                .setBlockId(new UUID(0, 9))
                .setSubject(account)
                .setSubjectType("sasl_user")
                .setReference("k7f2")
                .setAction(action)
                .setReason("51 messages in an hour")
                .setScore(0.9)
                .setIncidentId(new UUID(0, 1))
                .setDecidedAt(until.minusSeconds(3600))
                .setLastEvidenceAt(until.minusSeconds(3600))
                .setEndsAt(until)
                .build();
    }

    private static Alert alert(String account, long id) {
        return Alert.newBuilder()
                .setIncidentId(new UUID(0, id))
                .setSubject(account)
                .setSubjectType("sasl_user")
                .setState("FIRING")
                .setSeverity("warning")
                .setTitle(account)
                .setDescription(account)
                .setScore(0.4)
                .setAction("observe")
                .setStartedAt(MONDAY)
                .setUpdatedAt(MONDAY)
                .build();
    }
}
