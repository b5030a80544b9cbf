package io.postbrake.simulator;

import static io.postbrake.simulator.Diary.DAY;
import static io.postbrake.simulator.Diary.HOUR;
import static io.postbrake.simulator.Diary.MINUTE;
import static io.postbrake.simulator.Diary.SECOND;

import io.postbrake.simulator.Action.Client;
import io.postbrake.simulator.Network.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Mail that is refused anyway, a webmail elsewhere on the Internet, and what goes wrong on the hosts themselves. */
final class Mishaps {
    private static final long WEB = 33;
    private static final long CRON = 1001;
    private static final List<String> REASONS =
            List.of("generic failure", "Temporary authentication failure", "Connection lost to authentication server");

    private Mishaps() {}

    /** A scanner at home that is set up with a sender which its login does not own, and tries for ever; now and then a letter. */
    static void misconfiguredClient(Person p, Diary d) {
        int begins = p.random.nextInt(Math.max(1, d.days - 2));
        String sender = "scanner@" + p.company.domain();
        long every = (2 + p.random.nextInt(9)) * MINUTE;
        Program program = Program.machine(p.random);
        for (int day = 0; day < d.days; day++) {
            People.workingDay(p, d, day, 0.5, x -> p.office());
        }
        for (long at = d.time(begins, 8); at < d.start + d.days * DAY; at += every + p.random.nextInt(2000)) {
            Client client = p.office().with(program);
            d.add(new Action.Mail(at, p.host, p.account, client, sender, 1, 0, 4000, Action.NOBODY, Action.Mail.OWNER));
        }
    }

    /** All mail is typed into a webmail on a machine with an address of the Internet. */
    static void publicWebmail(Person p, Diary d) {
        Client webmail = webmail(d);
        for (int day = 0; day < d.days; day++) {
            People.workingDay(p, d, day, 0.9, x -> webmail);
            if (Draws.chance(p.random, 0.02)) {
                d.writes(
                        p,
                        d.time(day, Draws.between(p.random, 9, 20)),
                        webmail,
                        p.account,
                        25 + p.random.nextInt(60),
                        0.03);
            }
        }
    }

    /** With a stolen password in that webmail. */
    static void publicWebmailThief(Thief t) {
        Person p = t.steals(v -> v.behaviour.equals("public-webmail"));
        t.begins(p);
        long at = t.begin();
        double pause = Draws.between(t.random, 3, 60);
        Client webmail = webmail(t.diary);
        for (int i = 200 + t.random.nextInt(600); i > 0; i--) {
            t.sends(at, webmail, 1);
            at += (long) (pause * (0.3 + 1.4 * t.random.nextDouble()) * SECOND);
        }
        t.ends();
    }

    /** A thief from abroad whose every message the host's filter refuses. */
    static void refusedThief(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        Client client = t.abroad(p, Draws.chance(t.random, 0.5) ? Use.HOSTING : Use.HOME);
        long at = t.begin();
        double pause = Draws.between(t.random, 3, 60);
        for (int i = 200 + t.random.nextInt(600); i > 0; i--) {
            t.tries(at, client, 1);
            at += (long) (pause * (0.3 + 1.4 * t.random.nextDouble()) * SECOND);
        }
        t.ends();
    }

    /** What happens to the hosts themselves: web forms and cron jobs, one form that is abused, and two outages. */
    static List<Mishap> of(List<Person> people, Diary d, SplittableRandom random) {
        List<Mishap> all = new ArrayList<>();
        for (String host : d.hosts) {
            for (int day = 0; day < d.days; day++) {
                for (int i = Draws.poisson(random, 8); i > 0; i--) {
                    d.add(new Action.Local(d.time(day, 24 * random.nextDouble()), host, WEB, Action.NOBODY));
                }
                for (int i = 0; i < 3; i++) {
                    d.add(new Action.Local(d.time(day, 4) + i * SECOND, host, CRON, Action.NOBODY));
                }
            }
        }
        all.add(form(d, random));
        all.add(outage("outage-of-a-minute", MINUTE, people, d, random));
        all.add(outage("outage-of-ten-minutes", 10 * MINUTE, people, d, random));
        return all;
    }

    private static Mishap form(Diary d, SplittableRandom random) {
        String host = d.hosts.get(random.nextInt(d.hosts.size()));
        long start = d.time(5 + random.nextInt(Math.max(1, d.days - 6)), 23 * random.nextDouble());
        long at = start;
        double pause = Draws.between(random, 1, 10);
        for (int i = 200 + random.nextInt(600); i > 0; i--) {
            d.add(new Action.Local(at, host, WEB, Action.NOBODY));
            at += (long) (pause * (0.3 + 1.4 * random.nextDouble()) * SECOND);
        }
        return new Mishap("abused-form", "local_user:" + WEB + "@" + host, start, at);
    }

    /** Those who work at the time try again and again, each every few seconds. */
    private static Mishap outage(String kind, long lasts, List<Person> people, Diary d, SplittableRandom random) {
        String host = d.hosts.get(random.nextInt(d.hosts.size()));
        int day;
        do {
            day = 3 + random.nextInt(Math.max(1, d.days - 4));
        } while (!Diary.workday(day));
        long start = d.time(day, Draws.between(random, 9, 16));
        String reason = REASONS.get(random.nextInt(REASONS.size()));
        int busy = 10 + random.nextInt(10);
        List<Person> here = people.stream()
                .filter(p -> p.host.equals(host) && Thief.ordinary(p))
                .toList();
        for (int i = 0; i < Math.min(busy, here.size()); i++) {
            Person p = here.get(i);
            Client client = Draws.chance(random, 0.7) ? p.office() : p.phone();
            long every = (5 + random.nextInt(20)) * SECOND;
            for (long at = start + random.nextInt((int) MINUTE / 2); at < start + lasts; at += every) {
                d.add(new Action.Failure(at, host, p.account, client, Action.NOBODY, reason));
            }
            d.writes(p, start + lasts + random.nextInt((int) (HOUR / 4)), client, 1);
        }
        return new Mishap(kind, "auth_server:" + host, start, start + lasts);
    }

    private static Client webmail(Diary d) {
        SplittableRandom own = new SplittableRandom(d.salt ^ 0x57EBL);
        Network n = d.geography.any("DE", Use.HOSTING, own);
        return new Client(n.address(own), "webmail.example.net", Use.HOSTING, new Program("PLAIN", null));
    }
}
