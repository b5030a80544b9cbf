package io.postbrake.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Writes the demo's log lines as Postfix writes them, and counts the messages in them. */
final class DemoLog {

    /** BSD syslog's stamp, in this machine's zone. */
    static final DateTimeFormatter CLOCK = new DateTimeFormatterBuilder()
            .appendPattern("MMM ")
            .padNext(2)
            .appendValue(ChronoField.DAY_OF_MONTH)
            .appendPattern(" HH:mm:ss")
            .toFormatter(Locale.ENGLISH)
            .withZone(ZoneId.systemDefault());

    private static final int STAMP = "May  9 22:12:21".length();

    private final Random random = new Random(20260509);
    private int sent;
    private int queueIds = 0xA10000;

    /** Messages written so far. */
    int sent() {
        return sent;
    }

    /** Ordinary traffic between two instants, in order of time. */
    List<String> colleagues(Instant from, Instant to) {
        record Mail(Instant at, String user, String ip) {}
        List<Mail> mails = new ArrayList<>();
        String[] users = {"anna", "ben", "chris", "dora", "emil", "fay", "greta", "user"};
        for (int u = 0; u < users.length; u++) {
            // The account that is stolen later hardly ever sends.
            int perDay = users[u].equals("user") ? 2 : 6 + random.nextInt(10);
            for (Instant day = from; day.isBefore(to); day = day.plus(Duration.ofDays(1))) {
                for (int i = 0; i < perDay; i++) {
                    Instant at = day.plusSeconds(random.nextInt(10 * 3600));
                    String ip = random.nextInt(3) == 0 ? "84.130.7." + (10 + u) : "192.0.2." + (10 + u);
                    if (at.isBefore(to)) {
                        mails.add(new Mail(at, users[u] + "@my-domain.net", ip));
                    }
                }
            }
        }
        mails.sort(Comparator.comparing(Mail::at));
        List<String> lines = new ArrayList<>();
        for (Mail mail : mails) {
            lines.addAll(message(mail.at(), mail.user(), mail.ip(), 1 + random.nextInt(2)));
        }
        return lines;
    }

    /** The lines of the incident, moved so that its first line was written at {@code start}. */
    List<String> seed(Instant start) throws IOException {
        var stampReader = DateTimeFormatter.ofPattern("yyyy MMM d HH:mm:ss", Locale.ENGLISH);
        List<String> result = new ArrayList<>();
        LocalDateTime first = null;
        try (InputStream in = DemoLog.class.getResourceAsStream("/demo/maillog")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                var stamp =
                        LocalDateTime.parse("2026 " + line.substring(0, STAMP).replaceAll(" +", " "), stampReader);
                first = first == null ? stamp : first;
                result.add(CLOCK.format(start.plus(Duration.between(first, stamp))) + line.substring(STAMP));
                if (line.contains("(queue active)")) {
                    sent++;
                }
            }
        }
        return result;
    }

    /** One more message of the thief. */
    List<String> thief(Instant at) {
        return message(at.plusSeconds(14), "user@my-domain.net", "201.91.101.26", 1);
    }

    private List<String> message(Instant at, String user, String ip, int recipients) {
        sent++;
        String stamp = CLOCK.format(at) + " mx postfix/";
        String id = Integer.toHexString(queueIds++).toUpperCase(Locale.ROOT) + "B35D";
        List<String> lines = new ArrayList<>();
        lines.add(stamp + "submission/smtpd[2201]: " + id + ": client=unknown[" + ip
                + "], sasl_method=PLAIN, sasl_username=" + user);
        lines.add(stamp + "qmgr[944]: " + id + ": from=<" + user + ">, size=" + (2000 + random.nextInt(30000))
                + ", nrcpt=" + recipients + " (queue active)");
        for (int i = 0; i < recipients; i++) {
            lines.add(stamp + "smtp[2300]: " + id + ": to=<r" + i
                    + "@example.com>, relay=mx.example.com[198.51.100.7]:25, delay=1.1, delays=0.6/0.01/0.2/0.3,"
                    + " dsn=2.0.0, status=sent (250 Ok)");
        }
        lines.add(stamp + "qmgr[944]: " + id + ": removed");
        return lines;
    }
}
