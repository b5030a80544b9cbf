package io.postbrake.debian;

import io.postbrake.testkit.FreePort;
import io.postbrake.testkit.SmtpSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The Postfix of a {@link DebianMachine}: a submission service with two accounts, which throws away what it accepted, and one for the
 * machine's own mail, of which the postmaster and an owner, elsewhere, have mailboxes.
 */
final class MailServer {

    static final String POSTMASTER = "postmaster@my-domain.net";
    static final String OWNER = "ann@private.example";

    private static final String PASSWORD = "secret";

    private final DebianMachine machine;
    private final int port;
    private final int own;

    private MailServer(DebianMachine machine, int port, int own) {
        this.machine = machine;
        this.port = port;
        this.own = own;
    }

    /** Sets it up as its administrator did before Postbrake came, and starts it. */
    static MailServer start(DebianMachine machine) throws IOException, InterruptedException {
        var server = new MailServer(machine, FreePort.next(), FreePort.next());
        machine.shell("postconf -e maillog_file=/var/log/mail.log inet_interfaces=loopback-only inet_protocols=ipv4"
                + " mydestination= local_recipient_maps= alias_maps= default_transport=discard:"
                + " relay_transport=discard: smtpd_sasl_local_domain=my-domain.net mynetworks=192.0.2.1/32"
                + " myhostname=mail.my-domain.net virtual_mailbox_domains=my-domain.net,private.example"
                + " virtual_mailbox_base=/var/mail virtual_minimum_uid=1 virtual_uid_maps=static:8 virtual_gid_maps=static:8"
                + " 'virtual_mailbox_maps=inline:{%s=postmaster, %s=ann}'".formatted(POSTMASTER, OWNER));
        machine.shell("postconf -MX smtp/inet");
        Files.writeString(
                server.services(),
                // Without blanks about the equals sign, by which lines are told apart that blocks are put into.
                "127.0.0.1:%d inet n - n - - smtpd%n".formatted(server.own)
                        + "  -o syslog_name=postfix/own\n  -o mynetworks=127.0.0.0/8\n"
                        + "  -o smtpd_recipient_restrictions=permit_mynetworks,reject\n"
                        + "127.0.0.1:%d inet n - n - - smtpd%n".formatted(server.port)
                        + "  -o syslog_name=postfix/submission\n  -o smtpd_sasl_auth_enable=yes\n"
                        + "  -o { smtpd_recipient_restrictions = permit_sasl_authenticated, reject }\n",
                StandardOpenOption.APPEND);
        machine.shell("mkdir -p /etc/postfix/sasl && printf 'pwcheck_method: auxprop\\nauxprop_plugin: sasldb\\n"
                + "sasldb_path: /etc/sasldb2\\nmech_list: PLAIN LOGIN\\n' > /etc/postfix/sasl/smtpd.conf");
        for (String account : List.of("thief", "bob")) {
            machine.shell("printf " + PASSWORD + " | saslpasswd2 -p -c -u my-domain.net " + account);
        }
        machine.shell("chgrp postfix /etc/sasldb2 && chmod 640 /etc/sasldb2 && postfix start");
        return server;
    }

    /** Where it takes the mail of its own machine; blocks are not asked there. */
    int ownPort() {
        return own;
    }

    /** All that was delivered to a mailbox, as it lies there. */
    String mailbox(String name) throws IOException {
        Path file = machine.path("/var/mail/" + name);
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private Path services() {
        return machine.path("/etc/postfix/master.cf");
    }

    /** Puts the options into master.cf that {@code postbrake postfix print} says, in place of those of the same names. */
    void wire(String printed) throws IOException, InterruptedException {
        List<String> options =
                printed.lines().filter(line -> line.startsWith("  -o ")).toList();
        String text = Files.readString(services());
        for (String option : options) {
            String name = option.substring(0, option.indexOf(" ="));
            text = text.lines()
                            .filter(line -> !line.startsWith(name + " ="))
                            .reduce("", (all, line) -> all + line + "\n")
                    + option
                    + "\n";
        }
        Files.writeString(services(), text);
        machine.shell("postfix check && postfix reload");
        Thread.sleep(1000); // Postfix tells nobody when it has reloaded.
    }

    /** Takes every option out that names a table of Postbrake's. */
    void unwire() throws IOException, InterruptedException {
        Files.write(
                services(),
                Files.readAllLines(services()).stream()
                        .filter(line -> !line.contains("/var/lib/postbrake/"))
                        .toList());
        Files.writeString(
                services(),
                "  -o { smtpd_recipient_restrictions = permit_sasl_authenticated, reject }\n",
                StandardOpenOption.APPEND);
        machine.shell("postfix check && postfix reload");
        Thread.sleep(1000);
    }

    /** Logs in and sends one message; the reply that decided over it. */
    String sends(String account) throws IOException {
        try (var session = new SmtpSession(port)) {
            session.login(account + "@my-domain.net", PASSWORD);
            return session.send(account + "@my-domain.net", "somebody@example.net");
        }
    }
}
