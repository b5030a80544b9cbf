package io.postbrake.debian;

import static io.postbrake.debian.Service.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.simulator.FleetLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What somebody does on a mail server in the first week, from the package to its removal, on a Debian with a real Postfix; writes what was
 * typed and answered to docs/first-week.md.
 */
@Tag("soak")
class FirstWeekIT {

    private static final Path PAGE = Path.of("../../docs/first-week.md");
    private static final String THIEF = "thief@my-domain.net";
    private static final int MOST_MESSAGES = 200;

    @TempDir
    private Path dir;

    private DebianMachine machine;
    private final List<String> page = new ArrayList<>();

    @Test
    void theFirstWeekOfAMailServer() throws Exception {
        DebianMachine.missing().ifPresent(why -> Assumptions.assumeTrue(false, why));
        try (var debian = DebianMachine.create("bookworm")) {
            machine = debian;
            MailServer postfix = MailServer.start(machine);
            install();
            reportOnLastWeek();
            configure(postfix);
            try (Service up = Service.start(machine, "postbrake.service", dir)) {
                wire(postfix);
                theft(postfix);
                told(postfix);
                strangers();
                release(postfix);
                report(postfix);
                assertThat(up.isAlive()).isTrue();
            }
            remove(postfix);
        }
        Files.writeString(PAGE, String.join("\n", page) + "\n");
    }

    private void install() throws Exception {
        page.add("# The first week, as it was typed");
        page.add("");
        page.add(
                "Debian 12 in a root directory of its own, a real Postfix with a submission service, no Java. No systemd runs there: what"
                        + " `systemctl` would do is done by hand, with the user and the rights of the unit. `FirstWeekIT` typed it, and wrote this"
                        + " page; long answers are cut. [Installing](install.md) says why each step is where it is.");
        page.add("");
        heading("Monday: installed");
        Path deb = DebFile.path();
        Files.copy(deb, machine.path("/srv/" + deb.getFileName()));
        String said = type(
                "apt install -y ./" + deb.getFileName() + " | grep -i postbrake",
                "cd /srv && apt-get install -y ./" + deb.getFileName() + " 2>/dev/null | grep -i postbrake",
                20);
        assertThat(said).contains("nothing was started, and nothing of Postfix changed");
        type("postbrake config check /etc/postbrake/postbrake.yaml", 5);
    }

    private void reportOnLastWeek() throws Exception {
        heading("What last week's log says");
        page.add(
                "A made-up fleet stands in for this server's last week: 200 accounts of all kinds, and thieves among them. Nothing runs yet,"
                        + " and nobody is blocked by this.");
        page.add("");
        FleetLogs week = FleetLogs.write(4242, 200, 7, Long.MAX_VALUE, dir);
        Files.copy(week.logs().values().iterator().next(), machine.path("/srv/last-week.log"));
        Files.copy(week.places(), machine.path("/srv/places.mmdb"));
        Files.copy(week.operators(), machine.path("/srv/operators.mmdb"));
        String report = type(
                "postbrake report --log mail=last-week.log --geo places.mmdb --asn operators.mmdb --top 5",
                "cd /srv && postbrake report --log mail=last-week.log --geo places.mmdb --asn operators.mmdb --top 5",
                60);
        assertThat(report).contains("would have");
    }

    private void configure(MailServer postfix) throws Exception {
        heading("Tuesday: the tables, and Postfix asks them");
        assertThat(postfix.sends("bob")).startsWith("250");
        InstalledPackageIT.configure(machine);
        List<String> receivers = List.of(
                "receivers:",
                "  postmaster: {mail.to: %s, mail.port: %d}".formatted(MailServer.POSTMASTER, postfix.ownPort()),
                "  owners: {mail.owners.file: /etc/postbrake/owners, mail.from: %s, mail.contact: +49 30 5550100, mail.port: %d, mail.interval.ms: 20000}"
                        .formatted(MailServer.POSTMASTER, postfix.ownPort()));
        Path file = machine.path("/etc/postbrake/postbrake.yaml");
        Files.writeString(file, Files.readString(file) + String.join("\n", receivers) + "\n");
        Files.writeString(machine.path("/etc/postbrake/owners"), THIEF + " " + MailServer.OWNER + "\n");
        machine.shell("chgrp postbrake /etc/postbrake/owners && chmod 640 /etc/postbrake/owners");
        assertThat(machine.shell("postbrake config check /etc/postbrake/postbrake.yaml"))
                .contains("is right");
        page.add(
                "`map:` in `/etc/postbrake/postbrake.yaml` is no remark any more. The postmaster is to be told by mail, and owners, elsewhere, when"
                        + " their account is stopped; this Postfix takes the machine's own mail on a port of its own."
                        + " (An owner is told of what follows within a quarter of an hour of a mail together; here within 20 s.)");
        page.add("");
        page.add("```yaml");
        page.addAll(receivers);
        page.add("```");
        page.add("");
        page.add("`/etc/postbrake/owners` has the line `" + THIEF + " " + MailServer.OWNER
                + "`. The service starts (`systemctl enable --now postbrake`).");
        page.add("");
    }

    private void wire(MailServer postfix) throws Exception {
        await("the tables are there", () -> Files.exists(machine.path("/var/lib/postbrake/blocked-ranges.cidr")));
        type("ls -l /var/lib/postbrake/blocked*.lmdb /var/lib/postbrake/blocked*.cidr", 5);
        postfix.wire(type("postbrake postfix print", 20));
        page.add("The lines are in `master.cf`, and `postfix check && postfix reload` was quiet.");
        page.add("");
        assertThat(type("postbrake postfix check", 8)).contains("blocks are enforced by");
        await("it has judged", () -> machine.attempt("postbrake doctor").said().contains("ok    service"));
        assertThat(type("postbrake doctor", 30))
                .contains("ok    postfix", "ok    log")
                .doesNotContain("fail ");
    }

    private void theft(MailServer postfix) throws Exception {
        heading("Friday: the switch");
        assertThat(type("postbrake status", 8)).contains("nothing is blocked before");
        type("postbrake enforce", 5);
        heading("A stolen password");
        int sent = 0;
        String answer = postfix.sends("thief");
        while (answer.startsWith("250") && sent < MOST_MESSAGES) {
            sent++;
            Thread.sleep(300); // A thief's pace, with a connection for each message.
            answer = postfix.sends("thief");
        }
        assertThat(answer).doesNotStartWith("250").contains("[pb:");
        assertThat(postfix.sends("bob")).startsWith("250");
        page.add("An account without any history sends about three messages a second. After " + sent
                + " messages it is answered `" + answer + "`; another account of the same address sends on.");
        page.add("");
        await(
                "the incident is told",
                () -> machine.attempt("postbrake list").said().contains(THIEF));
        type("postbrake list", 12);
        type("postbrake explain " + THIEF, 45);
        assertThat(type("postbrake status", 5)).doesNotContain("nothing is blocked before");
    }

    private void told(MailServer postfix) throws Exception {
        heading("Who is told");
        await("the postmaster is told", () -> postfix.mailbox("postmaster").contains(THIEF));
        await("the owner is told", () -> !postfix.mailbox("ann").isEmpty());
        type("cat /var/mail/postmaster", 38);
        type("cat /var/mail/ann", 40);
        assertThat(machine.shell("cat /var/log/mail.log"))
                .contains("postfix/own/smtpd", "to=<" + MailServer.OWNER + ">");
    }

    /** What {@code OtherUserIT} tries at length. */
    private void strangers() throws Exception {
        heading("Another user of the machine");
        machine.shell("useradd --no-create-home mallory");
        String files = mallory(
                "find /var/lib/postbrake /var/log/postbrake /etc/postbrake ! -type d \\( -readable -o -writable \\)",
                8);
        assertThat(files.lines()).isNotEmpty().allMatch(line -> line.endsWith("Permission denied"));
        assertThat(mallory("cat /var/lib/postbrake/blocked.lmdb /var/lib/postbrake/access/client.properties", 4)
                        .lines())
                .hasSize(2)
                .allMatch(line -> line.endsWith("Permission denied"));
        for (String command : List.of("list", "unblock " + THIEF + " --reason 'it is me'")) {
            DebianMachine.Outcome outcome = asMallory("postbrake " + command);
            show("mallory$ postbrake " + command, outcome.said(), 4);
            assertThat(outcome.status()).as(outcome.said()).isNotZero();
        }
        assertThat(machine.shell("postbrake list")).contains(THIEF);
        String console = machine.shell("sed -n 's/^console: {port: \\([0-9]*\\)}/\\1/p' /etc/postbrake/postbrake.yaml")
                .strip();
        String asked = mallory(
                "bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + console
                        + "; printf \"GET /api/open HTTP/1.1\\r\\nHost: 127.0.0.1:" + console
                        + "\\r\\nConnection: close\\r\\n\\r\\n\" >&3; head -1 <&3'",
                2);
        assertThat(asked).contains(" 401 ");
        page.add("`OtherUserIT` tries all doors of a running `up` as `nobody`, and then as root, who gets in.");
        page.add("");
    }

    private String mallory(String command, int lines) throws IOException, InterruptedException {
        String said = asMallory(command).said();
        show("mallory$ " + command, said, lines);
        return said;
    }

    private DebianMachine.Outcome asMallory(String command) throws IOException, InterruptedException {
        Files.writeString(machine.path("/srv/typed"), command + "\n");
        return machine.attempt("setpriv --reuid mallory --regid mallory --clear-groups sh /srv/typed");
    }

    private void release(MailServer postfix) throws Exception {
        heading("Released");
        page.add("The owner has a new password.");
        page.add("");
        type("postbrake unblock " + THIEF + " --reason 'new password'", 5);
        await("the owner sends again", () -> postfix.sends("thief").startsWith("250"));
        await("the owner is told", () -> postfix.mailbox("ann").contains(" can send again since "));
        page.add("The owner's next message is answered 250, and the owner is told so:");
        page.add("");
        type("sed -n '/can send again$/,$p' /var/mail/ann", 30);
        page.add("What was held of the thief's is thrown away:");
        page.add("");
        type("postbrake queue delete " + THIEF + " --reason 'the thief wrote it'", 5);
        await(
                "nothing is held any more",
                () -> machine.shell("find /var/spool/postfix/hold -type f").isEmpty());
    }

    /** What its timer starts. */
    private void report(MailServer postfix) throws Exception {
        heading("Monday again");
        page.add(
                "`systemctl enable --now postbrake-report.timer` sends a report of the last week each Monday; this is what it runs.");
        page.add("");
        try (Service report = Service.start(machine, "postbrake-report.service", dir)) {
            await("it is sent", () -> !report.isAlive());
            assertThat(report.said()).doesNotContain("postbrake: ");
        }
        await("it is there", () -> postfix.mailbox("postmaster").contains("Subject: [Postbrake] report: "));
        type("sed -n '/^Subject: .Postbrake. report/,$p' /var/mail/postmaster", 30);
    }

    private void remove(MailServer postfix) throws Exception {
        heading("Taken out again, with the lines still in Postfix");
        String removed = type("apt remove -y postbrake", "apt-get remove -y postbrake 2>/dev/null", -14);
        assertThat(removed).contains("nobody is refused by them").doesNotContain("mail is on hold");
        assertThat(postfix.sends("bob")).startsWith("250");
        machine.shell("dpkg --purge postbrake && postfix reload && sleep 1");
        assertThat(postfix.sends("bob")).startsWith("250");
        type("ls /var/lib/postbrake", 5);
        page.add(
                "Mail goes on, also after `apt purge` and a reload of Postfix: of the data, only the empty tables are left while its lines name them.");
    }

    private void heading(String text) {
        page.add("## " + text);
        page.add("");
    }

    private String type(String command, int lines) throws IOException, InterruptedException {
        return type(command, command, lines);
    }

    /**
     * Types a command and keeps what is shown of it.
     *
     * @param shown how somebody types it
     * @param lines how many lines of the answer, the last ones when negative
     */
    private String type(String shown, String command, int lines) throws IOException, InterruptedException {
        String said = machine.attempt(command).said();
        show("# " + shown, said, lines);
        return said;
    }

    private void show(String typed, String said, int lines) {
        List<String> all =
                said.stripTrailing().lines().map(String::stripTrailing).toList();
        int most = Math.min(all.size(), Math.abs(lines));
        page.add("```");
        page.add(typed);
        if (lines < 0 && most < all.size()) {
            page.add("[...]");
        }
        page.addAll(lines < 0 ? all.subList(all.size() - most, all.size()) : all.subList(0, most));
        if (lines > 0 && most < all.size()) {
            page.add("[...]");
        }
        page.add("```");
        page.add("");
    }
}
