package io.postbrake.simulator;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * What Postfix logs of an action. Hosts with an even number in their name stamp as BSD syslog does (in UTC), the others
 * as RFC 3339 says.
 */
final class PostfixLines {
    private static final DateTimeFormatter BSD = new DateTimeFormatterBuilder()
            .appendPattern("MMM ")
            .padNext(2)
            .appendValue(ChronoField.DAY_OF_MONTH)
            .appendPattern(" HH:mm:ss")
            .toFormatter(Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter RFC3339 =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);
    private static final double RETRIED = 0.04;

    private final SplittableRandom random;
    private final Consumer<Line> out;
    private final Map<String, Long> queueIds = new HashMap<>();
    private final Map<String, Integer> processes = new HashMap<>();
    /** Mailbox logins so far; nothing of them is drawn, so that mail is the same with them. */
    private long sessions;

    private long second = -1;
    private String bsdSecond;
    private String rfcSecond;

    /** One line, without its end. */
    record Line(long at, String host, byte[] text) {}

    PostfixLines(long seed, Consumer<Line> out) {
        this.random = new SplittableRandom(seed);
        this.out = out;
    }

    /** A message that is let through, or held when {@code hold} names a block. */
    void accepted(Action.Mail m, String hold) {
        if (Action.Mail.OWNER.equals(m.refusal())) {
            notOwned(m);
            return;
        }
        String id = queueId(m.host());
        String peer = m.client().name() + "[" + m.client().ip() + "]";
        String smtpd = smtpd(m.host());
        long at = m.at();
        opened(m, smtpd, peer);
        String begun = id + ": client=" + peer + ", sasl_method="
                + m.client().program().mechanism() + ", sasl_username=" + m.account();
        say(m.host(), at + 210, smtpd + begun);
        if (hold != null) {
            say(
                    m.host(),
                    at + 230,
                    smtpd + id + ": hold: RCPT from " + peer + ": <" + m.account() + ">: SASL login name triggers HOLD "
                            + "action Sending is suspended for this account; contact your postmaster [pb:" + hold
                            + "]; from=<" + m.from() + "> to=<" + recipient(0) + "> proto=ESMTP helo=<[10.0.0.7]>");
        }
        say(
                m.host(),
                at + 340,
                "cleanup[" + (3000 + random.nextInt(40)) + "]: " + id + ": message-id=<"
                        + Long.toHexString(random.nextLong()) + "@"
                        + m.from().substring(m.from().indexOf('@') + 1) + ">");
        boolean tls = m.client().program().protocol() != null;
        String left = smtpd + "disconnect from " + peer + (tls ? " ehlo=2 starttls=1" : " ehlo=1")
                + " auth=1 mail=1 rcpt=" + m.recipients() + " data=1 quit=1 commands="
                + ((tls ? 7 : 5) + m.recipients());
        say(m.host(), at + 480, left);
        if (Action.Mail.MILTER.equals(m.refusal())) {
            say(
                    m.host(),
                    at + 350,
                    "cleanup[" + (3000 + random.nextInt(40)) + "]: " + id + ": milter-reject: END-OF-MESSAGE from "
                            + peer
                            + ": 5.7.1 Spam message rejected; from=<" + m.from() + "> to=<" + recipient(0)
                            + "> proto=ESMTP helo=<[10.0.0.7]>");
        } else if (hold == null) {
            delivered(m, id, at);
        }
    }

    /** A message whose sender is not the login's own; before 3.10 nothing else of the line names the login. */
    private void notOwned(Action.Mail m) {
        String peer = m.client().name() + "[" + m.client().ip() + "]";
        String smtpd = smtpd(m.host());
        opened(m, smtpd, peer);
        say(
                m.host(),
                m.at() + 260,
                smtpd + "NOQUEUE: reject: RCPT from " + peer + ": 553 5.7.1 <" + m.from()
                        + ">: Sender address rejected: not owned by user " + m.account() + "; from=<" + m.from()
                        + "> to=<"
                        + "archive@" + m.account().substring(m.account().indexOf('@') + 1)
                        + "> proto=ESMTP helo=<[10.0.0.7]>");
        say(
                m.host(),
                m.at() + 400,
                smtpd + "disconnect from " + peer + " ehlo=1 auth=1 mail=1 rcpt=0/1 quit=1 commands=4/5");
    }

    /** A message of a program on the host. */
    void submitted(Action.Local local) {
        String id = queueId(local.host());
        String from = "www-data@" + local.host() + ".example";
        long at = local.at();
        say(local.host(), at, "pickup[904]: " + id + ": uid=" + local.uid() + " from=<www-data>");
        say(
                local.host(),
                at + 100,
                "cleanup[" + (3000 + random.nextInt(40)) + "]: " + id + ": message-id=<"
                        + Long.toHexString(random.nextLong()) + "@" + local.host() + ".example>");
        say(
                local.host(),
                at + 200,
                "qmgr[944]: " + id + ": from=<" + from + ">, size=" + (900 + random.nextInt(2000))
                        + ", nrcpt=1 (queue active)");
        delivery(local.host(), at + 900, id, 0, "sent");
        say(local.host(), at + 930, "qmgr[944]: " + id + ": removed");
    }

    private void opened(Action.Mail m, String smtpd, String peer) {
        say(m.host(), m.at(), smtpd + "connect from " + peer);
        Program program = m.client().program();
        if (program.protocol() != null) {
            String tls = "Anonymous TLS connection established from " + peer + ": " + program.tls();
            say(m.host(), m.at() + 90, smtpd + tls);
        }
    }

    /** One process serves one client at a time. */
    private String smtpd(String host) {
        return "submission/smtpd[" + (2000 + processes.merge(host, 1, Integer::sum) % 60) + "]: ";
    }

    private void delivered(Action.Mail m, String id, long at) {
        String active = "qmgr[944]: " + id + ": from=<" + m.from() + ">, size=" + m.size() + ", nrcpt=" + m.recipients()
                + " (queue active)";
        say(m.host(), at + 410, active);
        long end = at + 900;
        boolean retried = Draws.chance(random, RETRIED);
        for (int i = 0; i < m.recipients(); i++) {
            end = at + 900 + 40L * i + random.nextInt(600);
            boolean bounced = i < m.bounced();
            boolean late = retried && i == m.recipients() - 1 && !bounced;
            delivery(m.host(), end, id, i, bounced ? "bounced" : late ? "deferred" : "sent");
            if (late) {
                end += 300_000 + random.nextInt(600_000);
                say(m.host(), end - 500, active);
                delivery(m.host(), end, id, i, "sent");
            }
        }
        if (m.bounced() > 0) {
            say(
                    m.host(),
                    end + 20,
                    "bounce[" + (5000 + random.nextInt(9)) + "]: " + id + ": sender non-delivery notification: "
                            + queueId(m.host()));
        }
        say(m.host(), end + 30, "qmgr[944]: " + id + ": removed");
    }

    private void delivery(String host, long at, String id, int number, String status) {
        int domain = random.nextInt(400);
        String relay = "mx.d" + domain + ".example[198.18." + (domain >> 8) + "." + (domain & 255) + "]:25";
        String reply = switch (status) {
            case "bounced" ->
                "dsn=5.1.1, status=bounced (host " + relay.substring(0, relay.length() - 3)
                        + " said: 550 5.1.1 User unknown (in reply to RCPT TO command))";
            case "deferred" ->
                "dsn=4.2.0, status=deferred (host " + relay.substring(0, relay.length() - 3)
                        + " said: 451 4.2.0 Greylisted, try again later (in reply to RCPT TO command))";
            default ->
                "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as "
                        + Long.toHexString(random.nextLong() >>> 24).toUpperCase(Locale.ROOT) + ")";
        };
        say(
                host,
                at,
                "smtp[" + (4000 + random.nextInt(40)) + "]: " + id + ": to=<" + recipient(number) + ">, relay=" + relay
                        + ", delay=1.2, delays=0.4/0.01/0.3/0.49, " + reply);
    }

    /** A message that an access map refuses. */
    void refused(Action.Mail m, boolean later, String reference) {
        String peer = m.client().name() + "[" + m.client().ip() + "]";
        String smtpd = smtpd(m.host());
        opened(m, smtpd, peer);
        say(
                m.host(),
                m.at() + 260,
                smtpd + "NOQUEUE: reject: RCPT from " + peer + ": " + (later ? "450 4.7.1" : "554 5.7.1") + " <"
                        + m.account() + ">: SASL login name rejected: Sending is suspended for this account; contact "
                        + "your postmaster [pb:" + reference + "]; from=<" + m.from() + "> to=<" + recipient(0)
                        + "> proto=ESMTP helo=<[10.0.0.7]> sasl_method="
                        + m.client().program().mechanism() + " sasl_username=" + m.account());
        say(
                m.host(),
                m.at() + 400,
                smtpd + "disconnect from " + peer + " ehlo=2 starttls=1 auth=1 mail=1 rcpt=0/1 quit=1 commands=6/7");
    }

    void failed(Action.Failure f) {
        String peer = f.client().name() + "[" + f.client().ip() + "]";
        String smtpd = smtpd(f.host());
        say(f.host(), f.at(), smtpd + "connect from " + peer);
        say(
                f.host(),
                f.at() + 900,
                smtpd + "warning: " + peer + ": SASL LOGIN authentication failed: "
                        + (f.reason() == null ? "UGFzc3dvcmQ6" : f.reason()) + ", sasl_username=" + f.account());
        say(
                f.host(),
                f.at() + 1000,
                smtpd + "disconnect from " + peer + " ehlo=2 starttls=1 auth=0/1 quit=1 commands=4/5");
    }

    /** What Dovecot's login service says of it. */
    void read(Action.Login login) {
        String session = Long.toString(++sessions + 0x10000000L, 36);
        write(
                login.host(),
                login.at(),
                "dovecot: imap-login: Login: user=<" + login.account() + ">, method=PLAIN, rip="
                        + login.client().ip() + ", lip=192.0.2.1, mpid=" + (20_000 + sessions % 10_000)
                        + ", TLS, session=<" + session + ">");
    }

    private void say(String host, long at, String message) {
        write(host, at, "postfix/" + message);
    }

    private void write(String host, long at, String message) {
        if (at / 1000 != second) {
            second = at / 1000;
            bsdSecond = BSD.format(Instant.ofEpochMilli(at));
            rfcSecond = RFC3339.format(Instant.ofEpochMilli(at));
        }
        String stamp = host.charAt(host.length() - 1) % 2 == 0
                ? bsdSecond
                : rfcSecond + "." + String.valueOf(1000 + at % 1000).substring(1) + "000+00:00";
        out.accept(new Line(at, host, (stamp + " " + host + " " + message).getBytes(StandardCharsets.UTF_8)));
    }

    private String queueId(String host) {
        long next = queueIds.merge(host, 0x1A2B3L, (a, b) -> a + 3);
        return Long.toHexString(next * 0x10001L % 0xFFFFFFFFFFL | 0x1000000000L).toUpperCase(Locale.ROOT);
    }

    private String recipient(int number) {
        return "r" + random.nextInt(50_000) + "." + number + "@d" + random.nextInt(400) + ".example";
    }
}
