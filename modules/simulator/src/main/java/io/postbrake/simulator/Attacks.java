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

/** What thieves do with stolen accounts. */
final class Attacks {
    private Attacks() {}

    /** As much as goes through, from a hijacked machine abroad. */
    static void fastBurst(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        steady(t, t.begin(), t.abroad(p, Use.HOME), 4500 + t.random.nextInt(7000), 1, Draws.between(t.random, 1, 6));
        t.ends();
    }

    /** A few an hour, for many days. */
    static void lowAndSlow(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        Client client = t.abroad(p, Draws.chance(t.random, 0.5) ? Use.HOSTING : Use.HOME);
        steady(t, t.begin(), client, 120 + t.random.nextInt(160), 1, Draws.between(t.random, 1200, 2400));
        t.ends();
    }

    static void dormant(Thief t) {
        Person p = t.steals(v -> v.behaviour.equals("never") || v.behaviour.equals("rare"));
        t.begins(p);
        steady(t, t.begin(), t.abroad(p, Use.HOME), 600 + t.random.nextInt(1400), 1, Draws.between(t.random, 3, 20));
        t.ends();
    }

    /** Few messages, and each to as many as the host takes. */
    static void manyRecipients(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        int each = 20 + t.random.nextInt(80);
        steady(
                t,
                t.begin(),
                t.abroad(p, Use.HOSTING),
                8 + t.random.nextInt(14),
                each,
                Draws.between(t.random, 60, 900));
        t.ends();
    }

    /** Under every host's quota, over it in the sum. */
    static void spreadOverHosts(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        Client client = t.abroad(p, Use.HOSTING);
        long at = t.begin();
        double pause = Draws.between(t.random, 25, 60);
        int n = 250 + t.random.nextInt(200);
        for (int i = 0; i < n; i++) {
            String host = t.diary.hosts.get(i % t.diary.hosts.size());
            t.sends(at, client, 1, host, p.account);
            at += wait(t.random, pause);
        }
        t.ends();
    }

    /** Every message from another hijacked machine anywhere. */
    static void botnet(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        List<Client> bots = new ArrayList<>();
        for (int i = 0; i < 60 + t.random.nextInt(200); i++) {
            bots.add(t.abroad(p, Use.HOME));
        }
        long at = t.begin();
        double pause = Draws.between(t.random, 30, 150);
        for (int i = 250 + t.random.nextInt(500); i > 0; i--) {
            t.sends(at, bots.get(t.random.nextInt(bots.size())), 1);
            at += wait(t.random, pause);
        }
        t.ends();
    }

    /** Rented household addresses in the owner's own country. */
    static void sameCountryProxy(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        long at = t.begin();
        double pause = Draws.between(t.random, 60, 300);
        Client client = null;
        for (int i = 150 + t.random.nextInt(250); i > 0; i--) {
            if (client == null || Draws.chance(t.random, 0.03)) {
                Network n = t.diary.geography.any(p.company.country(), Use.HOME, t.random);
                client = Person.client(n, n.address(t.random));
            }
            t.sends(at, client, 1);
            at += wait(t.random, pause);
        }
        t.ends();
    }

    static void hostingAbroad(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        double pause = Draws.between(t.random, 80, 240);
        steady(t, t.begin(), t.abroad(p, Use.HOSTING), 200 + t.random.nextInt(400), 1, pause);
        t.ends();
    }

    /** One address guesses until it knows, another of its network sends days later. */
    static void guessThenUse(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        Network n = t.networkAbroad(p, Use.HOSTING);
        int number = t.random.nextInt(4096) & ~255;
        long used = t.begin();
        long guessed = used - (long) (Draws.between(t.random, 1.5, 5) * DAY);
        Client guesser = Person.client(n, n.address(number + 20));
        for (int i = 0; i < 30 + t.random.nextInt(60); i++) {
            // Slowly enough for fail2ban's defaults.
            t.guesses(guessed + i * 4 * MINUTE + t.random.nextInt(60) * SECOND, guesser, p.account);
        }
        Client user = Person.client(n, n.address(number + 30 + t.random.nextInt(150)));
        steady(t, used, user, 150 + t.random.nextInt(300), 1, Draws.between(t.random, 60, 240));
        t.ends();
    }

    /** Lists of passwords that were lost elsewhere: most fail, some open. */
    static void credentialStuffing(Thief t) {
        int hits = 3 + t.random.nextInt(2);
        long at = t.begin();
        Network n = t.diary.geography.any(Geography.oneOf(Geography.FAR, t.random), Use.HOSTING, t.random);
        Client client = Person.client(n, n.address(t.random));
        for (int i = 0; i < 250; i++) {
            t.guesses(at + (long) (i * Draws.between(t.random, 150, 200)) * SECOND, client, t.anybody());
        }
        for (int i = 0; i < hits; i++) {
            t.begins(t.steals(Thief::ordinary));
            long found = at + (long) (t.random.nextDouble() * 10 * HOUR);
            steady(t, found + HOUR, client, 120 + t.random.nextInt(200), 1, Draws.between(t.random, 40, 160));
            t.ends();
        }
    }

    /** One network, many accounts, each so little that nobody would notice. */
    static void snowshoe(Thief t) {
        int accounts = 5 + t.random.nextInt(4);
        Network n = t.diary.geography.any(Geography.oneOf(Geography.FAR, t.random), Use.HOSTING, t.random);
        int number = t.random.nextInt(4096) & ~255;
        long at = t.begin();
        for (int i = 0; i < accounts; i++) {
            t.begins(t.steals(Thief::ordinary));
            long from = at + (long) (t.random.nextDouble() * 12 * HOUR);
            for (int day = 0; day < 5; day++) {
                int today = 15 + t.random.nextInt(20);
                for (int k = 0; k < today; k++) {
                    Client client = Person.client(n, n.address(number + 10 + t.random.nextInt(40)));
                    t.sends(from + day * DAY + (long) (t.random.nextDouble() * 10 * HOUR), client, 1);
                }
            }
            t.ends();
        }
    }

    /** In the owner's hours, from the owner's country, at a pace that could be the owner's on a busy day. */
    static void besideOwner(Thief t) {
        Person p = t.steals(v -> Thief.ordinary(v) && v.pace > 4);
        t.begins(p);
        Network n = t.diary.geography.any(p.company.country(), Use.HOSTING, t.random);
        Client client = Person.client(n, n.address(t.random));
        int day = (int) ((t.begin() - t.diary.start) / DAY);
        int left = 200 + t.random.nextInt(200);
        while (left > 0 && day < t.diary.days) {
            int today = Diary.workday(day) ? 50 + t.random.nextInt(50) : 0;
            for (int i = 0; i < today && left > 0; i++, left--) {
                t.sends(t.diary.time(day, Draws.between(t.random, 8, 18)), client, 1);
            }
            day++;
        }
        t.ends();
    }

    /** An account that always sends much: the thief hides in its volume. */
    static void newsletterStolen(Thief t) {
        Person p = t.steals(v -> v.behaviour.startsWith("newsletter") || v.behaviour.equals("mail-merge"));
        t.begins(p);
        Client client = t.abroad(p, Draws.chance(t.random, 0.6) ? Use.HOSTING : Use.HOME);
        steady(t, t.begin(), client, 200 + t.random.nextInt(400), 1, Draws.between(t.random, 8, 40));
        t.ends();
    }

    /** Another envelope sender for every message, because receivers count by sender. */
    static void manySenders(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        Network n = t.diary.geography.any(p.company.country(), Use.HOSTING, t.random);
        Client client = Person.client(n, n.address(t.random));
        long at = t.begin();
        double pause = Draws.between(t.random, 60, 200);
        for (int i = 200 + t.random.nextInt(300); i > 0; i--) {
            t.sends(at, client, 1 + t.random.nextInt(3), p.host, t.forged());
            at += wait(t.random, pause);
        }
        t.ends();
    }

    /** Begins with a handful and doubles every day, so that statistics get used to it. */
    static void rampUp(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        Client client = t.abroad(p, Use.HOME);
        long at = t.begin();
        double today = 3;
        for (int day = 0; day < 8; day++) {
            for (int i = 0; i < (int) today; i++) {
                t.sends(at + day * DAY + (long) (t.random.nextDouble() * 10 * HOUR), client, 1);
            }
            today = Math.min(250, today * 1.9);
        }
        t.ends();
    }

    /** Malicious software on the owner's own computer. */
    static void ownersMachine(Thief t) {
        Person p = t.steals(v -> v.behaviour.equals("office") || v.behaviour.equals("home-office"));
        t.begins(p);
        long at = t.begin();
        // Some such software has the owner's own mail program send.
        Client client =
                Draws.chance(t.random, 0.3) ? p.office().with(p.program(p.office(), t.diary.day(at))) : p.office();
        steady(t, at, client, 300 + t.random.nextInt(500), 1, Draws.between(t.random, 10, 60));
        t.ends();
    }

    /** A phone of the same carrier in the same country. */
    static void sameCarrier(Thief t) {
        Person p = t.steals(v -> v.behaviour.equals("phone-and-home") || v.behaviour.equals("traveller"));
        t.begins(p);
        long at = t.begin();
        double pause = Draws.between(t.random, 60, 240);
        Client client = p.phone();
        for (int i = 200 + t.random.nextInt(300); i > 0; i--) {
            if (Draws.chance(t.random, 0.05)) {
                client = p.phone();
            }
            t.sends(at, client, 1 + t.random.nextInt(2));
            at += wait(t.random, pause);
        }
        t.ends();
    }

    /** Only at night, some from each of three countries, twenty to a message. */
    static void timedToOwner(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.begins(p);
        List<Client> clients = List.of(t.abroad(p, Use.HOSTING), t.abroad(p, Use.MOBILE), t.abroad(p, Use.HOME));
        int day = (int) ((t.begin() - t.diary.start) / DAY);
        for (int night = 0; night < 4; night++) {
            for (int i = 0; i < 6 + t.random.nextInt(8); i++) {
                long at = t.diary.time(day + night, Draws.between(t.random, 0.5, 5));
                t.sends(at, clients.get(t.random.nextInt(3)), 8 + t.random.nextInt(16));
            }
        }
        t.ends();
    }

    /** Through the owner's own router at home, while the household sleeps. */
    static void hijackedRouter(Thief t) {
        Person p = t.steals(v -> v.behaviour.equals("phone-and-home") || v.behaviour.equals("home-office"));
        t.begins(p);
        int day = t.diary.day(t.begin());
        for (int night = 0; night < 2 + t.random.nextInt(2); night++) {
            Client client = p.home(day + night);
            double pause = Draws.between(t.random, 40, 140);
            long at = t.diary.time(day + night, Draws.between(t.random, 0, 1.5));
            for (int i = 60 + t.random.nextInt(90); i > 0; i--) {
                t.sends(at, client, 1);
                at += wait(t.random, pause);
            }
        }
        t.ends();
    }

    /** Asks those for money who wrote to the victim before: in one sitting, in office hours, from the victim's country. */
    static void contactPhishing(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.writesToContacts();
        t.begins(p);
        Network n = t.diary.geography.any(
                p.company.country(), Draws.chance(t.random, 0.5) ? Use.HOME : Use.HOSTING, t.random);
        int day = t.diary.day(t.begin());
        day -= Diary.workday(day) ? 0 : 3;
        long at = t.diary.time(day, Draws.between(t.random, 8, 15));
        double pause = Draws.between(t.random, 10, 45);
        steady(
                t,
                at,
                Person.client(n, n.address(t.random)),
                40 + t.random.nextInt(100),
                1 + t.random.nextInt(2),
                pause);
        t.ends();
    }

    /** Answers old letters with a poisoned attachment: a few a day, every one from another hijacked household. */
    static void replyChain(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.writesToContacts();
        t.begins(p);
        int first = t.diary.day(t.begin());
        for (int day = first; day < first + 6 + t.random.nextInt(5); day++) {
            for (int i = 8 + t.random.nextInt(13); i > 0; i--) {
                boolean near = Draws.chance(t.random, 0.2);
                Network n = t.diary.geography.any(
                        near ? p.company.country() : Geography.oneOf(Geography.FAR, t.random), Use.HOME, t.random);
                long at = t.diary.time(day, Draws.between(t.random, 6, 19));
                t.sends(at, Person.client(n, n.address(t.random)), 1 + t.random.nextInt(2));
            }
        }
        t.ends();
    }

    /** While the owner is away and silent: in office hours, from the owner's country, no more than a busy clerk writes. */
    static void ownerAway(Thief t) {
        Person p = t.steals(v -> v.behaviour.equals("holiday-return"));
        t.begins(p);
        Network n = t.diary.geography.any(
                p.company.country(), Draws.chance(t.random, 0.5) ? Use.HOME : Use.HOSTING, t.random);
        Client client = Person.client(n, n.address(t.random));
        int first = t.diary.day(t.diary.longestSilence(p.account)) + 1;
        for (int day = first; day < first + 3 + t.random.nextInt(3); day++) {
            for (int i = 25 + t.random.nextInt(60); i > 0; i--) {
                t.sends(t.diary.time(day, Draws.between(t.random, 8, 18)), client, 1 + t.random.nextInt(2));
            }
        }
        t.ends();
    }

    /** To a list that was cleaned beforehand, from a rented server in a neighbouring country. */
    static void cleanList(Thief t) {
        Person p = t.steals(Thief::ordinary);
        t.writesToContacts();
        t.begins(p);
        Network n;
        do {
            n = t.diary.geography.any(Geography.oneOf(Geography.NEAR, t.random), Use.HOSTING, t.random);
        } while (n.city().country().equals(p.company.country()));
        double pause = Draws.between(t.random, 60, 400);
        steady(t, t.begin(), Person.client(n, n.address(t.random)), 120 + t.random.nextInt(300), 1, pause);
        t.ends();
    }

    private static void steady(Thief t, long from, Client client, int messages, int recipients, double pause) {
        long at = from;
        for (int i = 0; i < messages; i++) {
            t.sends(at, client, recipients);
            at += wait(t.random, pause);
        }
    }

    private static long wait(SplittableRandom r, double meanSeconds) {
        return (long) (meanSeconds * (0.3 + 1.4 * r.nextDouble()) * SECOND);
    }
}
