package io.postbrake.policyserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that misbehaves costs its own connection only. */
class PolicyListenerTest {

    private static final String PASS = "action=DUNNO";

    @TempDir
    private Path dir;

    private final PolicyMetrics metrics = new PolicyMetrics();
    private final List<PolicyClient> clients = new ArrayList<>();
    private PolicyListener listener;

    @AfterEach
    void close() throws IOException {
        for (PolicyClient client : clients) {
            client.close();
        }
        if (listener != null) {
            listener.close();
        }
    }

    @Test
    void manyQuestionsGoThroughOneConnection() throws IOException {
        listening(PolicyListener.Bounds.USUAL, request -> "HOLD " + request.login());
        PolicyClient client = client();
        for (int i = 0; i < 100; i++) {
            assertThat(client.rcpt("u" + i, "i")).isEqualTo("action=HOLD u" + i);
        }
    }

    @Test
    void whoStopsInTheMiddleIsClosedAndNobodyWaits() throws IOException {
        listening(new PolicyListener.Bounds(10, ofMs(50), ofMs(200), ofMs(60_000)), request -> "DUNNO");
        PolicyClient half = client();
        half.say("request=smtpd_access_policy\nprotocol_state=RC");

        assertThat(client().rcpt("alice", "i")).isEqualTo(PASS);
        assertThatThrownBy(half::answer).hasMessageContaining("hung up");
    }

    @Test
    void whoDoesNotReadItsAnswersIsNotReadFrom() throws IOException {
        listening(PolicyListener.Bounds.USUAL, request -> "REJECT " + "x".repeat(300));
        PolicyClient deaf = client();
        long taken = deaf.flood("\n".repeat(1000), 20_000);

        assertThat(taken).isLessThan(4_000_000);
        assertThat(client().rcpt("alice", "i")).startsWith("action=REJECT x");
    }

    @Test
    void aQuestionWithoutEndEndsItsConnection() throws IOException {
        listening(PolicyListener.Bounds.USUAL, request -> "DUNNO");
        PolicyClient endless = client();

        assertThatThrownBy(() -> {
                    for (; ; ) {
                        endless.say("name=value\n".repeat(1000));
                    }
                })
                .isInstanceOf(IOException.class);
        assertThat(client().rcpt("alice", "i")).isEqualTo(PASS);
        assertThat(metrics.broken.sum()).isOne();
    }

    @Test
    void beyondTheMostConnectionsThoseThatNeverAskedGoFirst() throws IOException {
        listening(new PolicyListener.Bounds(5, ofMs(50), ofMs(10_000), ofMs(60_000)), request -> "DUNNO");
        PolicyClient postfix = client();
        assertThat(postfix.rcpt("alice", "i")).isEqualTo(PASS);
        for (int i = 0; i < 50; i++) {
            client();
        }

        Awaitility.await().until(() -> metrics.dropped.sum() >= 46);
        assertThat(postfix.rcpt("alice", "i")).isEqualTo(PASS);
    }

    @Test
    void whatWouldTakeTooLongIsToldTheFallback() throws IOException {
        listening(new PolicyListener.Bounds(10, ofMs(50), ofMs(10_000), ofMs(60_000)), request -> {
            LockSupport.parkNanos(ofMs(40).toNanos());
            return "REJECT";
        });
        String question = "request=smtpd_access_policy\nprotocol_state=RCPT\n\n";
        PolicyClient many = client();
        many.say(question.repeat(100));
        StringBuilder answers = new StringBuilder();
        while (answers.toString().split("action", -1).length <= 100) {
            answers.append(many.answer()).append('\n');
        }

        assertThat(answers.toString()).contains("action=REJECT").contains("action=DUNNO");
        assertThat(metrics.shed.sum()).isGreaterThan(50);
    }

    @Test
    void aFaultOfOursIsAnsweredToo() throws IOException {
        listening(PolicyListener.Bounds.USUAL, request -> {
            throw new IllegalStateException("broken");
        });

        assertThat(client().rcpt("alice", "i")).isEqualTo(PASS);
        assertThat(metrics.failed.sum()).isOne();
    }

    @Test
    void theSocketIsForItsGroupAlone() throws IOException {
        listening(PolicyListener.Bounds.USUAL, request -> "DUNNO");

        assertThat(PosixFilePermissions.toString(java.nio.file.Files.getPosixFilePermissions(socket())))
                .isEqualTo("rw-rw----");
    }

    @Test
    void aSocketThatSomebodyListensToIsNotTaken() throws IOException {
        listening(PolicyListener.Bounds.USUAL, request -> "DUNNO");

        assertThatThrownBy(() -> PolicySocket.bind(java.net.UnixDomainSocketAddress.of(socket()), group()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("quotas.listen is 'unix:" + socket() + "': another process listens");
    }

    private void listening(PolicyListener.Bounds bounds, Function<PolicyRequest, String> answers) throws IOException {
        var server = PolicySocket.bind(java.net.UnixDomainSocketAddress.of(socket()), group());
        listener = PolicyListener.start(server, bounds, answers, "DUNNO", metrics);
    }

    private String group() throws IOException {
        return java.nio.file.Files.readAttributes(dir, java.nio.file.attribute.PosixFileAttributes.class)
                .group()
                .getName();
    }

    private PolicyClient client() throws IOException {
        var client = new PolicyClient(socket());
        clients.add(client);
        return client;
    }

    private Path socket() {
        return dir.resolve("policy");
    }

    private static Duration ofMs(long millis) {
        return Duration.ofMillis(millis);
    }
}
