package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logins with letters beyond ASCII at a real Postfix with SMTPUTF8, from its log to the refusal in a session that is open. */
@Timeout(240)
class FoldedLoginsIT {

    private static final String STRASSE = "straße@my-domain.net";
    private static final String ODOS = "οδός@my-domain.net";
    private static final String SIBLING = "strase@my-domain.net";

    /** Dozens of messages go in before the ceiling is reached, on a busy machine too. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    private Path dir;

    @Test
    void theyAreRefusedInEverySpellingAndASiblingStaysFree() throws Exception {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        try (PostfixHost postfix = PostfixHost.create()) {
            postfix.setting("smtputf8_enable", "yes");
            for (String name : List.of("straße", "STRAẞE", "οδός", "ΟΔΌΣ", "strase")) {
                postfix.account(name, "secret");
            }
            var host = new LocalConfig.Host("mx1", postfix.logFile(), postfix.map(), postfix.configuration());
            var config = new LocalConfig(List.of(host), dir.resolve("data"), 0, 0, null, -1, List.of(), refusing());
            try (LocalStack stack = LocalStack.start(config, part -> {})) {
                Operator.awaits("the detector runs", stack::ready);
                Operator.awaits("the map is there", () -> postfix.map().toFile().exists());
                postfix.start();
                try (SmtpSession sibling = login(postfix, SIBLING);
                        SmtpSession thief = login(postfix, STRASSE);
                        SmtpSession shouting = login(postfix, "STRAẞE@my-domain.net");
                        SmtpSession greek = login(postfix, ODOS);
                        SmtpSession capital = login(postfix, "ΟΔΌΣ@my-domain.net")) {
                    assertThat(sends(shouting)).startsWith("250");
                    assertThat(sends(capital)).startsWith("250");

                    awaitsRefusal(thief); // After the ceiling of an hour, as soon as the log was followed so far.
                    Operator.blocks(stack, ODOS);

                    assertThat(sends(shouting)).startsWith("554 5.7.1");
                    awaitsRefusal(greek);
                    assertThat(sends(capital)).startsWith("554 5.7.1");
                    assertThat(sends(sibling)).startsWith("250");
                }
                Operator.unblocks(stack, STRASSE);
                Operator.unblocks(stack, ODOS);
                Operator.awaits("the owners send again", () -> accepts(postfix, STRASSE) && accepts(postfix, ODOS));
            }
        }
    }

    /** Doubt holds mail by default, which a client does not notice; and all of them send from one place here. */
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

    private static void awaitsRefusal(SmtpSession session) throws InterruptedException {
        Operator.awaits("refused", PATIENCE, () -> {
            try {
                return sends(session).startsWith("554 5.7.1");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static SmtpSession login(PostfixHost postfix, String login) throws IOException {
        return postfix.login(login, "secret");
    }

    private static String sends(SmtpSession session) throws IOException {
        return session.send("me@example.com", "x@example.com");
    }

    private static boolean accepts(PostfixHost postfix, String login) {
        try (SmtpSession owner = login(postfix, login)) {
            return sends(owner).startsWith("250");
        } catch (IOException e) {
            return false;
        }
    }
}
