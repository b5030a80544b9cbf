package io.postbrake.cli;

import io.postbrake.testkit.MmdbWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Logs of two hosts: weeks of a handful of people and one circular, then a day with a thief. */
final class OldHabits {

    static final String CIRCULAR = "circular@my-domain.net";
    static final String STOLEN = "ann@my-domain.net";
    static final List<String> HOSTS = List.of("mx1", "mx2");
    static final int DAYS = 30;

    private static final String HOME = "198.51.100.";
    private static final String ABROAD = "203.0.113.";
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'+00:00'").withZone(ZoneOffset.UTC);

    /** A line of a host. */
    record Line(Instant at, String host, String text) {}

    private final List<Line> lines = new ArrayList<>();
    private int messages;

    private OldHabits() {}

    /** Weeks that end an hour before {@code now}. */
    static List<Line> weeksBefore(Instant now) {
        var habits = new OldHabits();
        Instant end = now.minusSeconds(3600);
        for (int day = DAYS; day > 0; day--) {
            Instant from = end.minusSeconds(day * 86_400L);
            habits.people(from, 10);
            // A little more each day: nobody begins with so many.
            for (int i = 0; i < Math.min(70, 5 * (DAYS - day + 1)); i++) {
                habits.sends(CIRCULAR, HOME + "25", from.plusSeconds(36_000 + 20L * i));
            }
        }
        return habits.inOrder();
    }

    /** The next half hour: the circular as always, and somebody abroad who has a password. */
    static List<Line> dayOne(Instant now) {
        var habits = new OldHabits();
        Instant from = now.minusSeconds(1800);
        habits.people(from, 1);
        for (int i = 0; i < 70; i++) {
            habits.sends(CIRCULAR, HOME + "25", from.plusSeconds(20L * i));
        }
        for (int i = 0; i < 45; i++) {
            habits.sends(STOLEN, ABROAD + "77", from.plusSeconds(300).plusMillis(6_000L * i + 371));
        }
        return habits.inOrder();
    }

    private void people(Instant from, int each) {
        List<String> all = List.of(STOLEN, "bob@my-domain.net", "cid@my-domain.net", "dee@my-domain.net");
        for (int person = 0; person < all.size(); person++) {
            for (int i = 0; i < each; i++) {
                sends(all.get(person), HOME + (10 + person), from.plusSeconds(120 + 1_800L * i + 37L * person));
            }
        }
    }

    private void sends(String account, String ip, Instant at) {
        String host = HOSTS.get(messages % 2);
        // No two lines at one time, so that their order is the same for everybody.
        Instant when = at.plusMillis(messages % 97);
        String id = "%X".formatted(0xA000000 + messages++);
        String peer = "unknown[" + ip + "]";
        say(
                host,
                when,
                "submission/smtpd[7]: " + id + ": client=" + peer + ", sasl_method=PLAIN, sasl_username=" + account);
        say(
                host,
                when.plusMillis(151),
                "qmgr[8]: " + id + ": from=<" + account + ">, size=1883, nrcpt=1 (queue active)");
        say(
                host,
                when.plusMillis(307),
                "smtp[9]: " + id + ": to=<someone@example.org>, relay=mx.example.org[192.0.2.1]:25,"
                        + " delay=0.3, delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok)");
        say(host, when.plusMillis(311), "qmgr[8]: " + id + ": removed");
    }

    private void say(String host, Instant at, String message) {
        lines.add(new Line(at, host, STAMP.format(at) + " " + host + " postfix/" + message));
    }

    private List<Line> inOrder() {
        lines.sort(Comparator.comparing(Line::at).thenComparing(Line::text));
        return lines;
    }

    /** The lines of each host in a file of its own, as options of a command. */
    static List<String> logs(Path dir, String name, List<Line> lines) throws IOException {
        List<String> options = new ArrayList<>();
        for (String host : HOSTS) {
            Path file = dir.resolve(name + "-" + host + ".log");
            Files.write(
                    file,
                    lines.stream()
                            .filter(l -> l.host().equals(host))
                            .map(Line::text)
                            .toList());
            options.addAll(List.of("--log", host + "=" + file));
        }
        return options;
    }

    /** Where home is, and abroad. */
    static Path geo(Path dir) throws IOException {
        Path file = dir.resolve("places.mmdb");
        MmdbWriter.write(
                file,
                "Test-City",
                Map.of(
                        HOME + "0/24", network("DE", 50.1, 8.7, 64_500, "HOME ACCESS"),
                        ABROAD + "0/24", network("BR", -23.5, -46.6, 64_501, "FAR HOSTING")));
        return file;
    }

    private static Map<String, Object> network(String country, double lat, double lon, int asn, String operator) {
        return Map.of(
                "country",
                Map.of("iso_code", country),
                "location",
                Map.of("latitude", lat, "longitude", lon, "accuracy_radius", 20),
                "autonomous_system_number",
                asn,
                "autonomous_system_organization",
                operator);
    }
}
