package io.postbrake.simulator;

import static io.postbrake.simulator.Diary.DAY;
import static io.postbrake.simulator.Diary.HOUR;
import static io.postbrake.simulator.Diary.MINUTE;
import static io.postbrake.simulator.Diary.SECOND;

import io.postbrake.simulator.Action.Client;
import io.postbrake.simulator.Network.Use;
import java.util.ArrayList;
import java.util.List;

/** Owners and thieves behind addresses that many share, and thieves who have more than one address. */
final class Crowds {
    /** What a webmail program logs in with: its own address and library, whoever types. */
    private static final Client WEBMAIL =
            new Client("172.22.1.248", "webmail.mail-network", Use.OFFICE, new Program("PLAIN", null));

    private static final String GATEWAY = "172.18.0.1";

    private Crowds() {}

    /** All mail is typed into the webmail of the mail server. */
    static void webmail(Person p, Diary d) {
        for (int day = 0; day < d.days; day++) {
            People.workingDay(p, d, day, 0.7, x -> WEBMAIL);
            if (Draws.chance(p.random, 0.3)) {
                d.writes(p, d.time(day, Draws.between(p.random, 18, 23)), WEBMAIL, Diary.few(p.random));
            }
            if (Draws.chance(p.random, 0.02)) {
                // An invitation to the whole club, in one letter.
                d.writes(
                        p,
                        d.time(day, Draws.between(p.random, 9, 20)),
                        WEBMAIL,
                        p.account,
                        25 + p.random.nextInt(60),
                        0.03);
            }
        }
    }

    /** The container's network hides everybody behind its gateway. */
    static void gateway(Person p, Diary d) {
        boolean merges = Draws.chance(p.random, 0.1);
        for (int day = 0; day < d.days; day++) {
            People.workingDay(p, d, day, 1, x -> hidden());
            if (merges && Diary.workday(day) && Draws.chance(p.random, 0.05)) {
                People.burst(p, d, d.time(day, Draws.between(p.random, 9, 16)), 20 + p.random.nextInt(40), 3, hidden());
            }
        }
    }

    /** A phone in the office goes on with the old password from the first minute that anybody watches. */
    static void oldPasswordFirstDay(Person p, Diary d) {
        for (int day = 0; day < d.days; day++) {
            People.workingDay(p, d, day, 1, x -> p.office());
        }
        for (int i = 0; i < 60 + p.random.nextInt(60); i++) {
            d.mistypes(p, d.time(0, 7) + i * 5 * MINUTE + p.random.nextInt(20) * SECOND, p.office());
        }
    }

    /** A circular from the desk on one of the first days, and again some weeks later. */
    static void circularAgain(Person p, Diary d) {
        int issue = 4 + p.random.nextInt(4);
        int next = issue + 21;
        int readers = 200 + p.random.nextInt(600);
        for (int day = 0; day < d.days; day++) {
            People.workingDay(p, d, day, 1, x -> p.office());
            if (day == issue || day == next) {
                People.burst(p, d, d.time(day, Draws.between(p.random, 9, 15)), readers, 4, p.office());
            }
        }
    }

    /** With a stolen password in the webmail: nothing of the connection is the thief's. */
    static void webmailThief(Thief t) {
        Person p = t.steals(v -> v.behaviour.equals("webmail"));
        t.begins(p);
        burst(t, t.begin(), WEBMAIL, 200 + t.random.nextInt(600), Draws.between(t.random, 3, 60));
        t.ends();
    }

    /** From anywhere, which the gateway hides. */
    static void gatewayThief(Thief t) {
        Person p = t.steals(v -> v.behaviour.equals("container-gateway"));
        t.begins(p);
        burst(t, t.begin(), hidden(), 200 + t.random.nextInt(400), Draws.between(t.random, 5, 90));
        t.ends();
    }

    /**
     * Logs in with stolen accounts from one address for some days, so that it looks like an office, guesses from there, and
     * then sends.
     */
    static void boughtCrowd(Thief t) {
        Network n = t.diary.geography.any(Geography.oneOf(Geography.FAR, t.random), Use.HOSTING, t.random);
        Client client = Person.client(n, n.address(t.random));
        long at = t.begin();
        List<Person> victims = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            victims.add(t.steals(Thief::ordinary));
        }
        for (int i = 0; i < 200; i++) {
            t.guesses(at + DAY + i * 40 * SECOND, client, t.anybody());
        }
        for (Person p : victims) {
            t.begins(p);
            t.sends(at + (long) (t.random.nextDouble() * HOUR), client, 1);
            burst(
                    t,
                    at + DAY + 4 * HOUR + (long) (t.random.nextDouble() * 6 * HOUR),
                    client,
                    100 + t.random.nextInt(150),
                    40);
            t.ends();
        }
    }

    /** Guesses from a rented machine's IPv6 network, an address for each try, and sends from it when one fits. */
    static void rangeGuesser(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        Network n;
        do {
            n = t.networkAbroad(p, Use.HOSTING);
        } while (n.v6() == null && Draws.chance(t.random, 0.98));
        Network hoster = n;
        int number = t.random.nextInt(1 << 20);
        long at = t.begin();
        double pause = Draws.between(t.random, 10, 240);
        int tries = 100 + t.random.nextInt(300);
        for (int i = 0; i < tries; i++) {
            boolean real = Draws.chance(t.random, 0.2);
            t.guesses(
                    at + (long) (i * pause) * SECOND,
                    address(hoster, number, t),
                    real ? t.anybody() : "name" + i + "@company" + t.random.nextInt(40) + ".example");
        }
        long found = at + (long) (tries * pause * SECOND * Draws.between(t.random, 0.5, 1)) + 2 * HOUR;
        long next = found;
        for (int i = 150 + t.random.nextInt(250); i > 0; i--) {
            t.sends(next, address(hoster, number, t), 1);
            next += (long) (Draws.between(t.random, 20, 120) * SECOND);
        }
        t.ends();
    }

    private static Client address(Network n, int number, Thief t) {
        return Person.client(
                n, n.v6() == null ? n.address((number & ~255) + t.random.nextInt(250)) : n.v6Address(number, t.random));
    }

    private static Client hidden() {
        return new Client(GATEWAY, "unknown", Use.OFFICE, null);
    }

    private static void burst(Thief t, long from, Client client, int messages, double pause) {
        long at = from;
        for (int i = 0; i < messages; i++) {
            t.sends(at, client, 1);
            at += (long) (pause * (0.3 + 1.4 * t.random.nextDouble()) * SECOND);
        }
    }
}
