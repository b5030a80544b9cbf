package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.policysink.PolicyMap;
import io.postbrake.testkit.Journald;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A host without rsyslog: a real Postfix logs to a real journald, and that is all that there is to read. */
@Timeout(240)
class JournalIT {

    private static final String THIEF = "anna@my-domain.net";
    private static final String NAMED_BY_A_NEIGHBOUR = "victim@my-domain.net";

    @TempDir
    private Path dir;

    /** Takes mount namespaces, which not every build machine has. */
    @Test
    @Tag("soak")
    void aThiefIsRefusedInAnOpenSessionAndAUserOfTheHostHasNobodyBlocked() throws Exception {
        Optional<String> missing = Stream.of(Journald.missing(), PostfixHost.missing())
                .flatMap(Optional::stream)
                .findFirst();
        Assumptions.assumeTrue(missing.isEmpty(), missing::orElseThrow);
        try (Journald journald = Journald.start(Files.createDirectory(dir.resolve("journald")));
                PostfixHost postfix = PostfixHost.create()) {
            postfix.logsTo(journald);
            postfix.account("anna", "secret");
            postfix.account("bert", "secret");
            var host = new LocalConfig.Host(
                    "mx1", Path.of("journal:" + journald.directory()), postfix.map(), postfix.configuration());
            var config = new LocalConfig(List.of(host), dir.resolve("data"), 0, 0, null, -1, List.of(), refusing());
            try (LocalStack stack = LocalStack.start(config, part -> {})) {
                Operator.awaits("the detector runs", stack::ready);
                Operator.awaits("the map is there", () -> Files.exists(postfix.map()));
                postfix.start();
                injects(journald);
                try (SmtpSession bystander = postfix.login("bert@my-domain.net", "secret");
                        SmtpSession thief = postfix.login(THIEF, "secret")) {

                    int accepted = untilRefused(thief);

                    assertThat(accepted).isGreaterThan(50); // The ceiling of an hour.
                    assertThat(sends(bystander)).startsWith("250");
                    assertThat(PolicyMap.read(postfix.map(), THIEF)).isPresent();
                    assertThat(PolicyMap.read(postfix.map(), NAMED_BY_A_NEIGHBOUR))
                            .isEmpty();
                }
                Operator.unblocks(stack, THIEF);
                Operator.awaits("the owner sends again", () -> accepts(postfix));
            }
            assertThat(postfix.logFile()).doesNotExist();
        }
    }

    /** As many messages as the thief will send, by a user of the host who calls them Postfix's. */
    private void injects(Journald journald) throws Exception {
        var clients = new StringBuilder();
        var queued = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            String id = "4bXYZ" + (10000 + i) + "z: ";
            clients.append(id).append("client=unknown[192.0.2.7], sasl_method=PLAIN, sasl_username=");
            clients.append(NAMED_BY_A_NEIGHBOUR).append('\n');
            queued.append(id).append("from=<a@b.example>, size=900, nrcpt=1 (queue active)\n");
        }
        logger(journald, "postfix/submission/smtpd", clients.toString());
        logger(journald, "postfix/qmgr", queued.toString());
    }

    private void logger(Journald journald, String tag, String texts) throws Exception {
        Path file = Files.writeString(Files.createTempFile(Path.of("/tmp"), "postbrake-", ".texts"), texts);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try {
            assertThat(journald.run(
                            "/usr/bin/setpriv",
                            "--reuid=1000",
                            "--clear-groups",
                            "/usr/bin/logger",
                            "--priority=mail.info",
                            "--tag=" + tag,
                            "--file=" + file))
                    .as("logger")
                    .isTrue();
        } finally {
            Files.delete(file);
        }
    }

    /** Messages that were accepted before one was refused in the same session. */
    private static int untilRefused(SmtpSession thief) throws IOException {
        int accepted = 0;
        String reply = sends(thief);
        while (reply.startsWith("250") && accepted < 5000) {
            accepted++;
            reply = sends(thief);
        }
        assertThat(reply).startsWith("554 5.7.1");
        return accepted;
    }

    private static DetectionConfig refusing() {
        return DetectionConfig.of(Map.of(
                "risk.hold",
                0.5,
                "risk.defer",
                0.5,
                "risk.reject",
                0.5,
                "detectors.velocity-ceiling.known-place-factor",
                1));
    }

    private static String sends(SmtpSession session) throws IOException {
        return session.send("me@example.com", "x@example.com");
    }

    private static boolean accepts(PostfixHost postfix) {
        try (SmtpSession owner = postfix.login(THIEF, "secret")) {
            return sends(owner).startsWith("250");
        } catch (IOException e) {
            return false;
        }
    }
}
