package io.postbrake.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.postbrake.testkit.Maildir;
import io.postbrake.testkit.PostfixHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Letters handed to a real Postfix. */
class MailerIT {

    @TempDir
    private Path dir;

    private PostfixHost postfix;
    private Maildir mailboxes;

    @BeforeEach
    void layOut() throws Exception {
        assumeTrue(PostfixHost.missing().isEmpty(), () -> PostfixHost.missing().orElseThrow());
        postfix = PostfixHost.create("relay");
        mailboxes = Maildir.of(postfix, "my-domain.net", "postmaster", "ann");
    }

    @AfterEach
    void stop() throws Exception {
        if (postfix != null) {
            postfix.close();
        }
    }

    @Test
    void aLetterArrivesThatNobodyAnswers() throws Exception {
        postfix.start();
        var letter =
                letter("Konten überprüft — ¡hola!", List.of("postmaster@my-domain.net"), "Ein Text: żółć\n. \n.\n");

        List<String> refused = mailer(Map.of()).send(letter);

        await("it is delivered").until(() -> mailboxes.messages("postmaster").size() == 1);
        String mail = mailboxes.messages("postmaster").get(0);
        assertThat(refused).isEmpty();
        assertThat(mail)
                .contains("Return-Path: <>\n")
                .contains("Auto-Submitted: auto-generated\n")
                .contains("Message-ID: <postbrake." + letter.id() + "@my-domain.net>\n")
                .contains("Subject: =?UTF-8?")
                .contains("From: postmaster@my-domain.net\n")
                .contains("Content-Language: de\n")
                .containsPattern("(?m)^Date: ");
        assertThat(postfix.log()).contains("from=<>, size=");
    }

    @Test
    void whoIsRefusedIsNamedAndTheOthersGetIt() throws Exception {
        postfix.setting("smtpd_recipient_restrictions", "reject_unlisted_recipient, permit_mynetworks, reject");
        postfix.start();

        List<String> some =
                mailer(Map.of()).send(letter("s", List.of("ann@my-domain.net", "nobody@my-domain.net"), "t\n"));
        List<String> all = mailer(Map.of()).send(letter("s", List.of("nobody@my-domain.net"), "t\n"));

        await("the other gets it").until(() -> mailboxes.messages("ann").size() == 1);
        assertThat(some).containsExactly("nobody@my-domain.net");
        assertThat(all).containsExactly("nobody@my-domain.net");
    }

    @Test
    void whatIsPutOffOrFailsIsToBeTriedAgain() throws Exception {
        var letter = letter("s", List.of("ann@my-domain.net"), "t\n");
        assertThatThrownBy(() -> mailer(Map.of()).send(letter)).as("away").isInstanceOf(RelayException.class);
        postfix.setting(
                "smtpd_recipient_restrictions",
                "check_recipient_access inline:{{ann@my-domain.net = 450 4.2.1 later}}, reject");
        postfix.start();

        assertThatThrownBy(() -> mailer(Map.of()).send(letter))
                .isInstanceOf(RelayException.class)
                .hasMessageContaining("later");
    }

    @Test
    void aLoginThatIsRefusedIsSaidWithoutThePassword() throws Exception {
        postfix.account("postbrake", "r1ght");
        postfix.setting("smtpd_recipient_restrictions", "permit_sasl_authenticated, reject");
        postfix.setting("smtpd_relay_restrictions", "permit_sasl_authenticated, reject");
        postfix.start();
        Path right = secret("r1ght");
        var letter = letter("s", List.of("ann@my-domain.net"), "t\n");

        List<String> refused = mailer(
                        Map.of("mail.username", "postbrake@my-domain.net", "mail.password.file", right.toString()))
                .send(letter);
        Path wrong = secret("wr0ng");

        assertThat(refused).isEmpty();
        assertThatThrownBy(() -> mailer(Map.of(
                                "mail.username", "postbrake@my-domain.net", "mail.password.file", wrong.toString()))
                        .send(letter))
                .isInstanceOf(RelayException.class)
                .hasMessageContaining("does not let us in")
                .hasMessageNotContaining("wr0ng");
        Files.setPosixFilePermissions(right, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> mailer(Map.of(
                                "mail.username", "postbrake@my-domain.net", "mail.password.file", right.toString()))
                        .send(letter))
                .hasMessageContaining("give it mode 0600");
    }

    private Path secret(String text) throws Exception {
        Path file = Files.createTempFile(
                dir, "secret", "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text + "\n");
    }

    private static Letter letter(String subject, List<String> to, String text) {
        return new Letter(to, Locale.GERMAN, subject, text, UUID.randomUUID());
    }

    private Mailer mailer(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of("mail.port", String.valueOf(postfix.port())));
        settings.putAll(more);
        var config = new AbstractConfig(SmtpSettings.define(new ConfigDef()), settings);
        return new Mailer(SmtpSettings.of(config).fromUnlessSet("postmaster@my-domain.net"), Clock.systemUTC());
    }
}
