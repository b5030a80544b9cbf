package io.postbrake.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;

/**
 * A log such as a host with submission and inbound mail writes: accepted messages whole, failed logins, refusals, broken
 * sessions, encryption, postscreen. Names, ids and addresses differ from line to line; the average line has 156 bytes.
 */
class LogMix {

    private static final String[] MONTHS = {"Jan", "Feb", "Mar", "Apr", "May", "Jun"};

    final Random random;
    private final StringBuilder log = new StringBuilder();
    private final int wanted;
    private int lines;
    private long second = 40 * 86_400;

    LogMix(int lines, long seed) {
        wanted = lines;
        random = new Random(seed);
    }

    /** Exactly {@code lines} lines, each with its end. */
    static byte[] of(int lines, long seed) {
        return new LogMix(lines, seed).bytes();
    }

    /** All lines, each with its end. */
    public final byte[] bytes() {
        while (lines < wanted) {
            some();
        }
        return log.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void some() {
        second += random.nextInt(3);
        int what = random.nextInt(100);
        if (what < 55) {
            submitted();
        } else if (what < 70) {
            received();
        } else if (what < 82) {
            guessed();
        } else if (what < 90) {
            refused();
        } else if (what < 96) {
            screened();
        } else {
            odd();
        }
    }

    private void submitted() {
        String user = user();
        String client = clientOf(user);
        String id = id();
        String smtpd = "submission/smtpd[" + pid() + "]: ";
        put(smtpd + "connect from " + client);
        put(smtpd + "Anonymous TLS connection established from " + client
                + ": TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519"
                + " server-signature RSA-PSS");
        put(smtpd + id + ": client=" + client + ", sasl_method=PLAIN, sasl_username=" + user);
        queued(id, user, 1 + random.nextInt(3));
        put(smtpd + "disconnect from " + client + " ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8");
    }

    private void received() {
        String client = server();
        String id = id();
        String smtpd = "smtpd[" + pid() + "]: ";
        put(smtpd + "connect from " + client);
        put(smtpd + id + ": client=" + client);
        queued(id, word(8) + "@" + word(10) + ".example.org", 1);
        put(smtpd + "disconnect from " + client + " ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5");
    }

    private void queued(String id, String from, int recipients) {
        put("cleanup[" + pid() + "]: " + id + ": message-id=<" + word(20) + "." + id + "@" + word(8) + ".example.net>");
        put("qmgr[1244]: " + id + ": from=<" + from + ">, size=" + (800 + random.nextInt(900_000)) + ", nrcpt="
                + recipients + " (queue active)");
        for (int i = 0; i < recipients; i++) {
            String relay = "mx" + random.nextInt(9) + "." + word(8) + ".example.com[" + ip() + "]:25";
            String to = id + ": to=<" + word(7) + "." + word(6) + "@" + word(8) + ".example.com>, relay=" + relay
                    + ", delay=1." + random.nextInt(99) + ", delays=0.2/0.01/0.6/0." + (10 + random.nextInt(80));
            put("smtp[" + pid() + "]: "
                    + (random.nextInt(10) > 0
                            ? to + ", dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as " + id() + ")"
                            : to + ", dsn=4.2.2, status=deferred (host " + relay
                                    + " said: 452 4.2.2 The recipient's inbox is out of storage space (in"
                                    + " reply to RCPT TO command))"));
        }
        put("qmgr[1244]: " + id + ": removed");
    }

    private void guessed() {
        String client = guesser();
        String smtpd = "smtps/smtpd[" + pid() + "]: ";
        put(smtpd + "connect from " + client);
        put(smtpd + "warning: " + client + ": SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=" + word(6)
                + "@" + word(8) + ".example.net");
        put(smtpd + "lost connection after AUTH from " + client);
        put(smtpd + "disconnect from " + client + " ehlo=1 auth=0/1 rset=1 commands=2/3");
    }

    private void refused() {
        String client = client();
        String smtpd = "smtpd[" + pid() + "]: ";
        String to = word(8) + "@customer" + random.nextInt(400) + ".example.net";
        put(smtpd + "warning: hostname " + word(9) + ".example.org does not resolve to address " + ip()
                + ": Name or service not known");
        put(smtpd + "connect from " + client);
        put(smtpd + "NOQUEUE: reject: RCPT from " + client + ": 554 5.7.1 <" + to + ">: Relay access denied; from=<"
                + word(7) + "@" + word(8) + ".example.com> to=<" + to + "> proto=ESMTP helo=<" + word(9)
                + ".example.org>");
        put(smtpd + "disconnect from " + client + " ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4");
    }

    private void screened() {
        String client = "[" + ip() + "]:" + (1024 + random.nextInt(60_000));
        put("postscreen[" + pid() + "]: CONNECT from " + client + " to [192.0.2.25]:25");
        put("postscreen[" + pid() + "]: PREGREET 14 after 0.06 from " + client + ": EHLO " + word(8) + "\\r\\n");
        put("postscreen[" + pid() + "]: DISCONNECT " + client);
    }

    private void odd() {
        put("anvil[" + pid() + "]: statistics: max connection rate 4/60s for (smtpd:" + ip() + ") at " + stamp());
        put("smtp[" + pid() + "]: connect to mx." + word(8) + ".example.com[" + ip() + "]:25: Connection timed out");
        put("pickup[1243]: " + id() + ": uid=33 from=<www-data>");
    }

    private void put(String text) {
        if (lines < wanted) {
            log.append(stamp()).append(" mail1 postfix/").append(text).append('\n');
            lines++;
        }
    }

    /** A login that sends. */
    String user() {
        return word(9) + "@customer" + random.nextInt(400) + ".example.net";
    }

    /** Where the account of this login sends from, as smtpd writes a client. */
    String clientOf(String user) {
        return client();
    }

    /** Another server whose mail comes in. */
    String server() {
        return client();
    }

    /** Who tries passwords. */
    String guesser() {
        return client();
    }

    /** The time of the next line. */
    String stamp() {
        long day = second / 86_400;
        return String.format(
                Locale.ROOT,
                "%s %2d %02d:%02d:%02d",
                MONTHS[(int) (day / 28 % 6)],
                1 + day % 28,
                second / 3600 % 24,
                second / 60 % 60,
                second % 60);
    }

    final String client() {
        return random.nextInt(3) == 0
                ? "unknown[" + ip() + "]"
                : word(6) + "-" + random.nextInt(250) + "." + word(9) + ".example.net[" + ip() + "]";
    }

    private String ip() {
        return (1 + random.nextInt(222)) + "." + random.nextInt(256) + "." + random.nextInt(256) + "."
                + random.nextInt(256);
    }

    private String id() {
        return String.format(Locale.ROOT, "%010X", random.nextLong() & 0xFF_FFFF_FFFFL);
    }

    private int pid() {
        return 10_000 + random.nextInt(80);
    }

    final String word(int length) {
        var word = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            word.append((char) ('a' + random.nextInt(26)));
        }
        return word.toString();
    }
}
