package io.postbrake.postfixsource;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.postfixsource.LogHealth.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogHealthTest {

    private static final Instant START = Instant.parse("2026-11-29T12:00:00Z");

    private final LogHealth health = new LogHealth("/var/log/mail.log", ZoneId.of("Europe/Berlin"), START);
    private Instant now = START;

    private void after(Duration time) {
        now = now.plus(time);
    }

    private void lines(int count, boolean postfix, boolean understood) {
        for (int i = 0; i < count; i++) {
            health.line(postfix, understood, Long.MIN_VALUE, now);
        }
    }

    private List<Kind> kinds() {
        return health.problems(now).stream().map(LogHealth.Problem::kind).toList();
    }

    @Test
    void anHourOfOthersLinesAloneIsToldAndALineOfPostfixEndsIt() {
        lines(5, true, true);
        after(Duration.ofMinutes(59));
        lines(5, false, false);
        assertThat(kinds()).isEmpty();
        after(Duration.ofMinutes(2));
        assertThat(kinds()).containsExactly(Kind.SILENT);

        lines(1, true, true);

        assertThat(kinds()).isEmpty();
    }

    @Test
    void anHourInWhichNobodyWritesIsAQuietNight() {
        lines(5, true, true);
        lines(5, false, false);
        after(Duration.ofHours(9));

        assertThat(kinds()).isEmpty();
    }

    @Test
    void aLogThatNeverHadALineOfPostfixIsToldAnHourAfterTheStart() {
        for (int i = 0; i < 7; i++) {
            after(Duration.ofMinutes(10));
            lines(1, false, false);
        }

        assertThat(kinds()).containsExactly(Kind.SILENT);
        assertThat(health.problems(now).get(0).sentence())
                .isEqualTo("/var/log/mail.log is written to, but has had no line of Postfix for 70 minutes: is it the"
                        + " right log?");
    }

    @ParameterizedTest
    @CsvSource({"19, 0, false", "20, 0, true", "5, 16, true", "4, 16, false", "21, 79, true", "20, 80, false"})
    void overAFifthNotUnderstoodIsTold(int not, int understood, boolean told) {
        lines(understood, true, true);
        lines(not, true, false);

        assertThat(kinds().contains(Kind.NOT_UNDERSTOOD)).isEqualTo(told);
    }

    @Test
    void whatWasNotUnderstoodLongAgoIsForgotten() {
        lines(500, true, false);

        lines(2000, true, true);

        assertThat(kinds()).isEmpty();
    }

    @Test
    void aWrongZoneIsNamedWithTheOneThatWouldFit() {
        for (int i = 0; i < 14; i++) {
            after(Duration.ofMillis(200));
            health.line(true, true, now.minusSeconds(3600).toEpochMilli(), now);
            health.caughtUp();
        }

        assertThat(health.problems(now))
                .singleElement()
                .satisfies(problem -> assertThat(problem.sentence())
                        .isEqualTo("/var/log/mail.log: stamps are 1 h behind the clock of this machine, steadily: they"
                                + " are read as Europe/Berlin (+01:00), and log.zone UTC would fit"));
    }

    @Test
    void stampsOfABacklogAreNotLookedAt() {
        for (int i = 0; i < 14; i++) {
            after(Duration.ofMillis(200));
            health.line(true, true, now.minusSeconds(3600).toEpochMilli(), now);
        }

        assertThat(kinds()).isEmpty();
    }

    @Test
    void whatCannotBeReadIsTold() {
        health.unreadable("/var/log/mail.log does not exist");

        assertThat(kinds()).containsExactly(Kind.UNREADABLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Nov 29 10:00:00 mx1 postfix/smtpd[71]: connect",
                "{\"log\":\"Nov 29 postfix/submission/smtpd[7]: x\"}",
                "web-1 | postfix-out/smtp[71]: x",
                "postfix/smtpd",
                "<22>1 postfix/submissions/smtpd 71 - - x",
            })
    void aLineThatNamesPostfixIsKnown(String line) {
        boolean named = PostfixName.isIn(line.getBytes(StandardCharsets.UTF_8));

        assertThat(named).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "postfix",
                "postfix/",
                "Nov 29 10:00:00 mx1 sudo: root : COMMAND=/usr/sbin/postfix reload",
                "vi /etc/postfix/main.cf",
                "postfix/main.cf",
                "notpostfix/smtpd[1]: x",
                "dovecot: auth: postfix is here",
            })
    void aLineThatOnlySpeaksOfItIsNot(String line) {
        boolean named = PostfixName.isIn(line.getBytes(StandardCharsets.UTF_8));

        assertThat(named).isFalse();
    }
}
