package io.postbrake.alertmanagersink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.postbrake.testkit.Maildir;
import io.postbrake.testkit.PostfixHost;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Incidents told by mail, through a real Postfix into a mailbox. */
class MailIT {

    private static final String POSTMASTER = "postmaster";

    @TempDir
    private Path dir;

    private final Topic topic = new Topic();
    private PostfixHost postfix;
    private Maildir mailboxes;
    private TaskDriver sink;

    @BeforeEach
    void layOut() throws Exception {
        assumeTrue(PostfixHost.missing().isEmpty(), () -> PostfixHost.missing().orElseThrow());
        postfix = PostfixHost.create("relay");
        mailboxes = Maildir.of(postfix, "my-domain.net", POSTMASTER, "elsewhere", "other");
    }

    @AfterEach
    void stop() throws Exception {
        if (sink != null) {
            sink.close();
        }
        if (postfix != null) {
            postfix.close();
        }
    }

    @Test
    void theFirstIsToldAtOnceAndTheNextTogether() throws Exception {
        postfix.start();
        sink = new TaskDriver(settings(Map.of("mail.interval.ms", "4000")));
        sink.starts();

        sink.appended(topic.firing("ann"));
        sink.until("the first is told", () -> count(POSTMASTER) == 1);
        sink.appended(topic.firing("ben"), topic.firing("cleo"), topic.updated("ann", 2));
        sink.goesOnFor(1500);
        assertThat(count(POSTMASTER)).as("mails within the interval").isEqualTo(1);
        assertThat(sink.commits()).as("what waits is not committed").isEqualTo(1);
        sink.until("the others are told", () -> count(POSTMASTER) == 2);
        sink.until("all is committed", () -> sink.commits() == 4);

        assertThat(mail(POSTMASTER, 0).getSubject()).isEqualTo("[Postbrake] 1 account stopped");
        assertThat(mail(POSTMASTER, 1).getSubject()).isEqualTo("[Postbrake] 2 accounts stopped");
        assertThat(text(POSTMASTER, 1))
                .contains("* Account ben (critical)\n", "* Account cleo (critical)\n")
                .doesNotContain("Account ann")
                .contains("Its mail is refused until ")
                .contains("Change its password, then unblock the account.")
                .contains("201.91.101.26")
                .contains("3 incidents are open now.");
    }

    @Test
    void nothingIsLostWhilePostfixOrTheSinkIsAway() throws Exception {
        sink = new TaskDriver(settings(Map.of()));
        sink.appended(topic.firing("ann"));
        sink.starts();
        sink.goesOnFor(1000);
        assertThat(sink.commits()).isZero();
        sink.stops();
        sink.appended(topic.firing("ben"), topic.resolved("ann", Topic.NOW));

        sink.starts();
        postfix.start();

        sink.until("it is told", () -> count(POSTMASTER) == 1);
        sink.until("it is committed", () -> sink.commits() == 3);
        assertThat(mail(POSTMASTER, 0).getSubject()).isEqualTo("[Postbrake] 1 account stopped, 1 incident over");
        sink.stops();
        sink.starts();
        sink.goesOnFor(1500);
        assertThat(count(POSTMASTER)).as("nobody hears twice").isEqualTo(1);
    }

    @Test
    void aNameThatAStrangerChoseStaysTextInTheBody() throws Exception {
        postfix.start();
        sink = new TaskDriver(settings(Map.of("mail.language", "fr")));
        sink.starts();
        String hostile = "eve\r\nBcc: thief@evil.example\r\n\r\n\u001b[2J\u202e{0}'http://evil.example/";

        sink.appended(topic.record(
                "eve",
                Topic.alert("eve", "FIRING", 1)
                        .setSubject(hostile)
                        .setTitle(hostile)
                        .setDescription(hostile)
                        .build()));
        sink.until("it is told", () -> count(POSTMASTER) == 1);

        MimeMessage mail = mail(POSTMASTER, 0);
        assertThat(mail.getSubject()).isEqualTo("[Postbrake] 1 compte arrêté");
        assertThat(mail.getHeader("Bcc")).isNull();
        assertThat(mail.getHeader("To", ",")).isEqualTo("postmaster@my-domain.net");
        String headers = mailboxes.messages(POSTMASTER).get(0).split("\n\n", 2)[0];
        assertThat(headers).doesNotContain("eve", "evil");
        assertThat(text(POSTMASTER, 0))
                .contains("Compte eve??Bcc: thief@evil.example?????[2J?{0}'http[:]//evil.example/ (critique)\n")
                .doesNotContain("\u001b", "\u202e", "http://evil");
        assertThat(postfix.log()).doesNotContain("evil.example");
    }

    @Test
    void aNameThatAFilterRefusesKeepsNobodyFromHearing() throws Exception {
        postfix.setting("body_checks", "regexp:{{/evil/ REJECT looks like spam}}");
        postfix.start();
        sink = new TaskDriver(settings(Map.of()));
        sink.starts();

        sink.appended(topic.firing("evil@my-domain.net"));
        sink.until("it is told", () -> count(POSTMASTER) == 1);
        sink.until("it is committed", () -> sink.commits() == 1);

        assertThat(mail(POSTMASTER, 0).getSubject()).isEqualTo("[Postbrake] 1 account stopped");
        assertThat(text(POSTMASTER, 0)).contains("so they are left out").doesNotContain("evil");
        assertThat(postfix.log()).contains("looks like spam");
    }

    @Test
    void anOwnerIsToldElsewhereAndOfHisAccountAlone() throws Exception {
        postfix.start();
        Path owners = Files.writeString(dir.resolve("owners"), "Ann@my-domain.net elsewhere@my-domain.net de\n");
        sink = new TaskDriver(settings(Map.of(
                "mail.to", "",
                "mail.owners.file", owners.toString(),
                "mail.from", "postmaster@my-domain.net",
                "mail.contact", "+49 30 5550100",
                "mail.interval.ms", "1000")));
        sink.starts();

        sink.appended(
                topic.record(
                        "ann@my-domain.net",
                        Topic.alert("ann@my-domain.net", "FIRING", 1)
                                .setAction("observe")
                                .setActionUntil(null)
                                .build()),
                topic.firing("ben@my-domain.net"));
        sink.goesOnFor(800);
        assertThat(mailboxes.boxes())
                .as("nobody's account is stopped that has an owner")
                .isEmpty();
        Files.writeString(owners, "ann@my-domain.net elsewhere@my-domain.net,other@my-domain.net de\n");
        sink.appended(topic.updated("ann@my-domain.net", 2));
        sink.until("the owner is told", () -> count("elsewhere") == 1);
        sink.appended(topic.resolved("ann@my-domain.net", Topic.NOW));
        sink.until("the owner is told of the end", () -> count("elsewhere") == 2);
        sink.until("all is committed", () -> sink.commits() == 4);

        assertThat(mailboxes.boxes()).containsExactly("elsewhere", "other");
        assertThat(mail("elsewhere", 0).getSubject()).isEqualTo("Ihr Mailkonto kann zurzeit nicht senden");
        assertThat(text("elsewhere", 0))
                .contains("Ihrem Konto ann@my-domain.net", "Ändern Sie das Passwort", "+49 30 5550100")
                .doesNotContain("201.91.101.26");
        assertThat(mail("elsewhere", 1).getSubject()).isEqualTo("Ihr Mailkonto kann wieder senden");
    }

    @Test
    void anOwnerWhoCannotBeReachedHoldsUpNoOther() throws Exception {
        postfix.setting(
                "smtpd_recipient_restrictions",
                "check_recipient_access inline:{{gone@my-domain.net = 550 5.1.1 no}, {later@my-domain.net = 450 4.2.1 later}},"
                        + " permit_mynetworks, reject");
        postfix.start();
        Path owners = Files.writeString(
                dir.resolve("owners"), "a gone@my-domain.net\nb later@my-domain.net\nc elsewhere@my-domain.net\n");
        sink = new TaskDriver(settings(
                Map.of("mail.to", "", "mail.owners.file", owners.toString(), "mail.from", "postmaster@my-domain.net")));
        sink.starts();

        sink.appended(topic.firing("a"), topic.firing("b"), topic.firing("c"));
        sink.until("the third is told", () -> count("elsewhere") == 1);
        sink.until("who is refused for good is set aside", () -> sink.reported.size() == 1);
        sink.goesOnFor(800);

        assertThat(sink.commits()).as("who is put off is told later").isEqualTo(1);
        assertThat(sink.reported.get(0).key()).isEqualTo(Topic.id("a"));
        assertThat(mailboxes.boxes()).containsExactly("elsewhere");
        assertThat(count("elsewhere")).as("mails to who was told").isEqualTo(1);
    }

    @Test
    void moreSevereNewsDoNotWait() throws Exception {
        postfix.start();
        sink = new TaskDriver(settings(Map.of("alerts.subject.types", "sasl_user,fleet")));
        sink.starts();

        sink.appended(
                topic.record(
                        "a",
                        Topic.alert("a", "FIRING", 1).setSeverity("warning").build()),
                topic.record(
                        "198.51.100.9",
                        Topic.alert("198.51.100.9", "FIRING", 1)
                                .setSubjectType("client_ip")
                                .build()));
        sink.until("the first is told", () -> count(POSTMASTER) == 1);
        sink.appended(topic.firing("b"));
        sink.until("the theft is told too", () -> count(POSTMASTER) == 2);
        sink.appended(topic.firing("c"));
        sink.goesOnFor(1200);

        assertThat(count(POSTMASTER)).isEqualTo(2);
        assertThat(text(POSTMASTER, 0) + text(POSTMASTER, 1)).doesNotContain("198.51.100.9");
    }

    private int count(String box) {
        return mailboxes.messages(box).size();
    }

    private MimeMessage mail(String box, int number) throws Exception {
        byte[] bytes = mailboxes.messages(box).get(number).getBytes(StandardCharsets.UTF_8);
        return new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(bytes));
    }

    private String text(String box, int number) throws Exception {
        return mail(box, number).getContent().toString().replace("\r\n", "\n");
    }

    private Map<String, String> settings(Map<String, String> more) {
        Map<String, String> result = new HashMap<>(Map.of(
                "mail.to", "postmaster@my-domain.net",
                "mail.port", String.valueOf(postfix.port()),
                "mail.backoff.max.ms", "500"));
        result.putAll(more);
        return result;
    }
}
