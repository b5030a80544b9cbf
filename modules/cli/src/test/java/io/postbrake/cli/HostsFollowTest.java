package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.EnforcementReport;
import io.postbrake.block.OperatorOverride;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which hosts follow an operator's word. */
class HostsFollowTest {

    private static final Instant SAID = Instant.parse("2026-03-01T12:00:00Z");

    private final HostsFollow.Heard heard = new HostsFollow.Heard(OperatorOverride.newBuilder()
            .setSubject("ann@example.org")
            .setSubjectType("sasl_user")
            .setVerb("block")
            .setActor("anna")
            .setReason("spam")
            .setAt(SAID)
            .build());

    @Test
    void everyHostThatIsThereIsWaitedFor() {
        heard.take(host("mx1", SAID.minusSeconds(5)));
        heard.take(host("mx2", SAID.minusSeconds(60)));
        heard.take(host("gone", SAID.minusSeconds(600)));
        heard.take(said("word", "mx1", "ann@example.org", SAID, null));

        boolean all = heard.all();

        assertThat(all).isFalse();
        assertThat(heard.answer().confirmed()).containsExactly("mx1");
        assertThat(heard.answer().open()).containsExactly("mx2");
    }

    @Test
    void ofALocalUserOnlyItsHostIsWaitedFor() {
        var user = new HostsFollow.Heard(OperatorOverride.newBuilder()
                .setSubject("33@mx2")
                .setSubjectType("local_user")
                .setVerb("block")
                .setActor("anna")
                .setReason("spam")
                .setAt(SAID)
                .build());

        user.take(host("mx1", SAID));
        user.take(host("mx2", SAID));

        assertThat(user.all()).isFalse();
        assertThat(user.answer().open()).containsExactly("mx2");
    }

    @Test
    void whatIsSaidOfOthersOrOfAnEarlierWordConfirmsNothing() {
        heard.take(host("mx1", SAID));
        heard.take(said("word", "mx1", "ben@example.org", SAID, null));
        heard.take(said("word", "mx1", "ann@example.org", SAID.minusSeconds(1), null));

        assertThat(heard.all()).isFalse();
    }

    @Test
    void aHostOfAnEarlierVersionConfirmsByItsBlock() {
        heard.take(host("mx1", SAID));
        heard.take(said("block", "mx1", "ann@example.org", SAID, null));

        assertThat(heard.all()).isTrue();
    }

    @Test
    void aHostThatMayNotBlockTheSubjectSaysWhy() {
        heard.take(host("mx1", SAID));
        heard.take(said("word", "mx1", "ann@example.org", SAID, "policy.never.block keeps it out of the table"));

        HostsFollow.Answer answer = heard.answer();

        assertThat(answer.problems()).isEqualTo(Map.of("mx1", "policy.never.block keeps it out of the table"));
        assertThat(WordOptions.lines(answer))
                .containsExactly("confirmed by mx1", "mx1: policy.never.block keeps it out of the table");
    }

    private static EnforcementReport host(String id, Instant at) {
        return EnforcementReport.newBuilder()
                .setHostId(id)
                .setKind("host")
                .setAt(at)
                .build();
    }

    private static EnforcementReport said(String kind, String host, String subject, Instant decidedAt, String problem) {
        return EnforcementReport.newBuilder()
                .setHostId(host)
                .setKind(kind)
                .setAt(SAID)
                .setSubject(subject)
                .setSubjectType("sasl_user")
                .setDecidedAt(decidedAt)
                .setWrittenAt(SAID)
                .setProblem(problem)
                .build();
    }
}
