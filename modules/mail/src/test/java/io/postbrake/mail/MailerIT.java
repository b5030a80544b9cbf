package io.postbrake.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.postbrake.testkit.Maildir;
import io.postbrake.testkit.PostfixHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

    @Test
    void itIsEncryptedAndTheRelaysNameIsChecked() throws Exception {
        Path certificate = certificate("127.0.0.1", "IP:127.0.0.1");
        Path other = certificate("relay.example.net", "DNS:relay.example.net");
        postfix.setting("smtpd_tls_chain_files", dir.resolve("127.0.0.1.chain").toString());
        postfix.setting("smtpd_tls_security_level", "encrypt");
        postfix.setting("smtpd_tls_loglevel", "1");
        Files.writeString(
                postfix.configuration().resolve("master.cf"),
                "tlsmgr unix - - n 1000? 1 tlsmgr\n",
                StandardOpenOption.APPEND);
        postfix.start();
        var letter = letter("s", List.of("ann@my-domain.net"), "t\n");

        mailer(Map.of("mail.tls", "starttls", "mail.tls.ca.file", certificate.toString()))
                .send(letter);

        await("it is delivered").until(() -> mailboxes.messages("ann").size() == 1);
        assertThat(postfix.log()).contains("TLSv1.");
        assertThatThrownBy(() -> mailer(Map.of()).send(letter))
                .as("in the clear")
                .isInstanceOf(RelayException.class);
        assertThatThrownBy(() -> mailer(Map.of("mail.tls", "starttls", "mail.tls.ca.file", other.toString()))
                        .send(letter))
                .as("not trusted")
                .isInstanceOf(RelayException.class);
        assertThatThrownBy(() -> mailer(Map.of(
                                "mail.host", "localhost",
                                "mail.tls", "starttls",
                                "mail.tls.ca.file", certificate.toString()))
                        .send(letter))
                .as("another name")
                .isInstanceOf(RelayException.class);
        assertThat(mailboxes.messages("ann")).hasSize(1);
    }

    @Test
    void noMailGoesInTheClearToWhoeverOffersNothingElse() throws Exception {
        postfix.start();

        assertThatThrownBy(() ->
                        mailer(Map.of("mail.tls", "starttls")).send(letter("s", List.of("ann@my-domain.net"), "t\n")))
                .isInstanceOf(RelayException.class);
        assertThat(postfix.log()).doesNotContain("from=<>");
    }

    /** A certificate of its own for a name, and beside it a file with its key for Postfix. */
    private Path certificate(String name, String alternative) throws Exception {
        Path key = dir.resolve(name + ".key");
        Path certificate = dir.resolve(name + ".pem");
        Process made = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=" + name,
                        "-addext",
                        "subjectAltName=" + alternative,
                        "-keyout",
                        key.toString(),
                        "-out",
                        certificate.toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("openssl.log").toFile())
                .start();
        assertThat(made.waitFor())
                .as(Files.readString(dir.resolve("openssl.log")))
                .isZero();
        Files.writeString(dir.resolve(name + ".chain"), Files.readString(key) + Files.readString(certificate));
        return certificate;
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
