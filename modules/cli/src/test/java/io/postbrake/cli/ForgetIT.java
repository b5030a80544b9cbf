package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.profile.ProfileSeeding;
import io.postbrake.state.SubjectState;
import io.postbrake.wire.Topics;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An operator has accounts forgotten, on a real broker with a running detector. */
@Timeout(180)
class ForgetIT {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("MMM dd HH:mm:ss", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    @TempDir
    private static Path dir;

    private static LiveCluster cluster;
    private int queue;

    @BeforeAll
    static void start() throws Exception {
        cluster = new LiveCluster(dir, 3);
        cluster.start();
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @Test
    void whatWasKnownIsGoneForTheDetectorAndForOneThatComesAfterIt() throws Exception {
        sends("ann@forget.example", 5);
        cluster.runs("allow", "ann@forget.example", "--reason", "on a journey", "--wait", "0s");
        cluster.runs("note", "ann@forget.example", "--text", "called, is at sea");
        assertThat(cluster.runs("explain", "ann@forget.example").out()).contains("is at sea");
        cluster.sends(Topics.PROFILES, "sasl_user:ann@forget.example", learnt("ann@forget.example"));
        cluster.awaitsConsumed(Topics.PROFILES.name());

        assertThat(state("ann@forget.example").getMessages()).isEqualTo(400);

        LiveCluster.Said said = forgets("ann@forget.example");

        assertThat(said.status()).as(said.out() + said.err()).isEqualTo(ExitCodes.DONE);
        assertThat(said.out())
                .contains("the detector has forgotten it", "what stays:", "mail.submissions.v1", "compacted");
        assertThat(newest(Topics.PROFILES.name(), "sasl_user:ann@forget.example")
                        .value())
                .isNull();
        assertThat(newest(Topics.OVERRIDES.name(), "sasl_user:ann@forget.example")
                        .value())
                .isNull();
        assertThat(cluster.runs("list", "--json").out()).as("notes").doesNotContain("is at sea");
        List<OperatorOverride> words = cluster.decoded(Topics.OVERRIDES, "forget:sasl_user:ann@forget.example");
        assertThat(words).singleElement().satisfies(word -> {
            assertThat(word.getVerb()).isEqualTo("forget");
            assertThat(word.getReason()).isEqualTo("she asked");
            assertThat(word.getActor()).startsWith(System.getProperty("user.name") + "@");
        });
        assertThat(state("ann@forget.example").getMessages()).isZero();

        cluster.stop();
        cluster.start();
        // A line's stamp has no parts of a second: within the second of the word it is older than that.
        TimeUnit.SECONDS.sleep(1);
        sends("ann@forget.example", 2);

        assertThat(state("ann@forget.example").getMessages()).isEqualTo(2);
        assertThat(state("ann@forget.example").getForgottenAt())
                .isEqualTo(words.get(0).getAt());
    }

    @Test
    void whoIsBlockedIsNotForgottenAndTheCommandSaysWhatComesFirst() throws Exception {
        sends("bob@forget.example", 51);
        LiveCluster.awaits("he is blocked", () -> cluster.blocks().containsKey("sasl_user:bob@forget.example"));

        LiveCluster.Said refused = forgets("bob@forget.example");

        assertThat(refused.status()).isEqualTo(ExitCodes.FAILED);
        assertThat(refused.err())
                .contains("bob@forget.example is blocked", "first: postbrake unblock bob@forget.example");
        assertThat(cluster.blocks()).containsKey("sasl_user:bob@forget.example");

        cluster.runs("unblock", "bob@forget.example", "--reason", "password changed", "--wait", "0s");
        LiveCluster.awaits("the block is lifted", () -> !cluster.blocks().containsKey("sasl_user:bob@forget.example"));
        assertThat(forgets("bob@forget.example").status()).isEqualTo(ExitCodes.DONE);
        assertThat(cluster.alerts().values())
                .as("its alerts are removed")
                .noneMatch(alert -> alert.getSubject().equals("bob@forget.example"));
    }

    @Test
    void anOperatorsBlockStandsInTheWayToo() {
        cluster.runs("block", "cat@forget.example", "--reason", "a word", "--for", "1h", "--force", "--wait", "0s");

        LiveCluster.Said refused = forgets("cat@forget.example");

        assertThat(refused.status()).isEqualTo(ExitCodes.FAILED);
        assertThat(refused.err()).contains("cat@forget.example is blocked by", "postbrake unblock");
    }

    @Test
    void aMistypedLoginIsNobodyAndADomainHasNothing() {
        assertThat(forgets("nobody@forget.example").status()).isEqualTo(ExitCodes.UNKNOWN_SUBJECT);
        assertThat(forgets("@forget.example").status()).isEqualTo(ExitCodes.WRONG_CALL);
    }

    private static LiveCluster.Said forgets(String subject) {
        return cluster.runs("forget", subject, "--reason", "she asked", "--yes", "--wait", "30s");
    }

    private void sends(String login, int messages) throws Exception {
        String stamp = STAMP.format(Instant.now());
        String id = Integer.toHexString(login.hashCode()).toUpperCase(Locale.ROOT);
        for (int i = 0; i < messages; i++) {
            String qid = id + String.format(Locale.ROOT, "%05X", ++queue);
            cluster.ships(
                    "mx1",
                    stamp + " mx1 postfix/smtpd[7]: " + qid
                            + ": client=unknown[192.0.2.9], sasl_method=PLAIN, sasl_username=" + login);
            cluster.ships(
                    "mx1",
                    stamp + " mx1 postfix/qmgr[9]: " + qid + ": from=<" + login + ">, size=9, nrcpt=1 (queue active)");
        }
        cluster.awaitsJudged();
    }

    private static SubjectState learnt(String login) {
        SubjectState known = SubjectState.newBuilder()
                .setSubjectKey("sasl_user:" + login)
                .setMessages(400)
                .setActiveDays(30)
                .setLastSeenAt(Instant.parse("2026-03-05T10:00:00Z"))
                .build();
        return ProfileSeeding.profile(known, Instant.now().truncatedTo(ChronoUnit.MILLIS));
    }

    private static SubjectState state(String login) throws Exception {
        return cluster.state("sasl_user:" + login);
    }

    private static ConsumerRecord<String, byte[]> newest(String topic, String key) {
        return cluster.all(topic).stream()
                .filter(record -> key.equals(record.key()))
                .reduce((a, b) -> b)
                .orElseThrow();
    }
}
