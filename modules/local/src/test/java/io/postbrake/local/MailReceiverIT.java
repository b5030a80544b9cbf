package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.postbrake.testkit.Maildir;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The postmaster of a single server is told by mail, and that mail is nobody's. */
@Timeout(120)
class MailReceiverIT {

    private static final String ANN = "ann@my-domain.net";
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx").withZone(ZoneOffset.UTC);

    @TempDir
    private Path dir;

    @Test
    void aTheftIsInTheMailboxesOfPostmasterAndOwner() throws Exception {
        assumeTrue(PostfixHost.missing().isEmpty(), () -> PostfixHost.missing().orElseThrow());
        try (PostfixHost postfix = PostfixHost.create("mx1")) {
            Maildir mailboxes = Maildir.of(postfix, "my-domain.net", "postmaster", "elsewhere");
            postfix.start();
            Path owners = Files.writeString(dir.resolve("owners"), ANN + " elsewhere@my-domain.net es\n");
            Path yaml = Files.writeString(dir.resolve("up.yaml"), """
                host: mx1
                watch: 0d
                log: %s
                map: %s
                data: %s
                broker.port: 0
                registry.port: 0
                http.port: 0
                console: {port: 0}
                receivers:
                  postmaster: {mail.to: postmaster@my-domain.net, mail.port: %d}
                  owners: {mail.owners.file: %s, mail.from: postmaster@my-domain.net, mail.port: %d}
                  nowhere: {webhook.url: "http://127.0.0.1:1/", http.backoff.max.ms: 200}
                """.formatted(
                            postfix.logFile(),
                            dir.resolve("mx1.lmdb"),
                            dir.resolve("data"),
                            postfix.port(),
                            owners,
                            postfix.port()));
            try (LocalStack stack = LocalStack.start(LocalConfig.read(yaml), part -> {})) {
                Operator.awaits("the detector runs", stack::ready);
                steals(postfix.logFile());
                Operator.awaits(
                        "the postmaster has mail",
                        () -> !mailboxes.messages("postmaster").isEmpty());
                Operator.awaits(
                        "the owner has mail",
                        () -> !mailboxes.messages("elsewhere").isEmpty());
                assertThat(mailboxes.messages("postmaster").get(0))
                        .contains("Subject: [Postbrake] 1 account", "* Account " + ANN, "/runbooks/stolen-account");
                assertThat(mailboxes.messages("elsewhere").get(0)).contains("Content-Language: es");
                Operator.awaits(
                        "Postfix's lines of the mail are read",
                        () -> StackTopics.read(stack, Topics.MAIL_SUBMISSIONS).stream()
                                .anyMatch(s -> "127.0.0.1".equals(s.getClientIp())));
                assertThat(StackTopics.read(stack, Topics.MAIL_SUBMISSIONS))
                        .as("its submissions are no account's")
                        .allSatisfy(s -> assertThat(s.getAccount()).isIn(null, "", ANN));
                assertThat(StackTopics.read(stack, Topics.ALERTS))
                        .extracting(a -> a.getSubject())
                        .containsOnly(ANN);
                Operator.awaits(
                        "it is said who is not told",
                        () -> get(stack, "/health").contains("webhook has taken no"));
                assertThat(get(stack, "/metrics"))
                        .contains("postbrake_alerts_accepted{receiver=\"postmaster\"} 1.0")
                        .contains("postbrake_alerts_receiver_available{address=\"webhook\",receiver=\"nowhere\"} 0.0");
            }
        }
    }

    private static void steals(Path log) throws Exception {
        Instant start = Instant.now().minusSeconds(300);
        for (int i = 0; i < 60; i++) {
            String stamp = STAMP.format(start.plusSeconds(4L * i));
            String queue = "A1%03X3834415".formatted(i);
            Files.writeString(
                    log, """
                %1$s mx1 postfix/submission/smtpd[4711]: connect from unknown[201.91.101.26]
                %1$s mx1 postfix/submission/smtpd[4711]: %2$s: client=unknown[201.91.101.26], sasl_method=PLAIN, sasl_username=%3$s
                %1$s mx1 postfix/cleanup[4712]: %2$s: message-id=<%2$s@my-domain.net>
                %1$s mx1 postfix/qmgr[4713]: %2$s: from=<%3$s>, size=2201, nrcpt=5 (queue active)
                %1$s mx1 postfix/submission/smtpd[4711]: disconnect from unknown[201.91.101.26] ehlo=1 auth=1 mail=1 rcpt=5 data=1 quit=1 commands=10
                """.formatted(stamp, queue, ANN), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    private static String get(LocalStack stack, String path) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + stack.httpPort() + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
