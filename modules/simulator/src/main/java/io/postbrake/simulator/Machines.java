package io.postbrake.simulator;

import static io.postbrake.simulator.Diary.MINUTE;
import static io.postbrake.simulator.Diary.SECOND;

import io.postbrake.simulator.Action.Client;
import io.postbrake.simulator.Network.Use;

/** Programs, and people who write to very many at once. */
final class Machines {
    private Machines() {}

    /** A few letters to very many. */
    static void mailingList(Person p, Diary d) {
        int members = 50 + p.random.nextInt(200);
        Client at = p.office();
        for (int day = 0; day < d.days; day++) {
            People.workingDay(p, d, day, 0.4, x -> p.office());
            if (Diary.workday(day) && Draws.chance(p.random, 0.35)) {
                int members2 = members - p.random.nextInt(20);
                long hour = d.time(day, Draws.between(p.random, 9, 17));
                d.writes(p, hour, at, p.account, members2, 0.02);
            }
        }
    }

    /** A desk account whose owner writes to all customers once a month. */
    static void newsletterMonthly(Person p, Diary d) {
        int issue = 3 + p.random.nextInt(d.days - 3);
        int readers = 150 + p.random.nextInt(350);
        for (int day = 0; day < d.days; day++) {
            People.workingDay(p, d, day, 1, x -> p.office());
            if (day == issue) {
                People.burst(p, d, d.time(day, Draws.between(p.random, 9, 15)), readers, 4, p.office());
            }
        }
    }

    static void newsletterWeekly(Person p, Diary d) {
        Network hosting = d.geography.any(p.company.country(), Use.HOSTING, p.random);
        Client server = Person.client(hosting, hosting.address(p.homeNumber));
        int weekday = p.random.nextInt(5);
        int readers = 120 + p.random.nextInt(240);
        for (int day = weekday; day < d.days; day += 7) {
            People.burst(p, d, d.time(day, Draws.between(p.random, 9, 11)), readers + p.random.nextInt(20), 6, server);
        }
    }

    /** Day and night, more by day, with waves when something breaks. */
    static void ticketSystem(Person p, Diary d) {
        Network hosting = d.geography.any(p.company.country(), Use.HOSTING, p.random);
        Client server = Person.client(hosting, hosting.address(p.homeNumber));
        double perDay = Draws.between(p.random, 100, 280);
        for (int day = 0; day < d.days; day++) {
            double today = perDay * (Diary.workday(day) ? 1 : 0.3);
            for (int hour = 0; hour < 24; hour++) {
                double share = hour >= 7 && hour < 19 ? 0.068 : 0.016;
                int n = Draws.poisson(p.random, today * share * Draws.logNormal(p.random, -0.1, 0.45));
                for (int i = 0; i < n; i++) {
                    d.writes(p, d.time(day, hour + p.random.nextDouble()), server, 1);
                }
            }
            if (Draws.chance(p.random, 0.04)) {
                People.burst(p, d, d.time(day, 24 * p.random.nextDouble()), 30 + p.random.nextInt(50), 8, server);
            }
        }
    }

    /** Nothing for hours, then a pile of paper. */
    static void scanner(Person p, Diary d) {
        for (int day = 0; day < d.days; day++) {
            if (!Diary.workday(day)) {
                continue;
            }
            for (int pile = Draws.poisson(p.random, 1.6); pile > 0; pile--) {
                int pages = Draws.chance(p.random, 0.12) ? 10 + p.random.nextInt(20) : 1 + p.random.nextInt(4);
                long at = d.time(day, Draws.between(p.random, 7.5, 17.5));
                for (int i = 0; i < pages; i++) {
                    d.writes(p, at, p.office(), 1);
                    at += (15 + p.random.nextInt(40)) * SECOND;
                }
            }
        }
    }

    /** Another mail server that relays through this account: everybody's envelope senders, and what bounces with them. */
    static void forwarder(Person p, Diary d) {
        Network hosting = d.geography.any(p.company.country(), Use.HOSTING, p.random);
        Client server = Person.client(hosting, hosting.address(p.homeNumber));
        for (int day = 0; day < d.days; day++) {
            int n = Draws.poisson(p.random, Diary.workday(day) ? 60 : 25);
            for (int i = 0; i < n; i++) {
                String from = "sender" + p.random.nextInt(4000) + "@from" + p.random.nextInt(300) + ".example";
                d.writes(p, d.time(day, 5 + 18 * p.random.nextDouble()), server, from, 1, 0.05);
            }
        }
    }

    /** Monitoring: silent for days, then two hundred messages in half an hour. */
    static void alertStorm(Person p, Diary d) {
        Network hosting = d.geography.any(p.company.country(), Use.HOSTING, p.random);
        Client server = Person.client(hosting, hosting.address(p.homeNumber));
        for (int day = 0; day < d.days; day++) {
            for (int i = Draws.poisson(p.random, 2.5); i > 0; i--) {
                d.writes(p, d.time(day, 24 * p.random.nextDouble()), server, 1);
            }
            if (day > 2 && Draws.chance(p.random, 0.06)) {
                long at = d.time(day, 23 * p.random.nextDouble());
                int n = 60 + p.random.nextInt(140);
                for (int i = 0; i < n; i++) {
                    d.writes(p, at, server, 1 + p.random.nextInt(3));
                    at += p.random.nextInt((int) (30 * MINUTE / n)) + SECOND;
                }
            }
        }
    }

    /** A shop's orders, and one day the shop runs at another provider, perhaps on another system. */
    static void applicationMoves(Person p, Diary d) {
        Network[] at = new Network[2];
        for (int i = 0; i < 2; i++) {
            String country =
                    Draws.chance(p.random, 0.6) ? p.company.country() : Geography.oneOf(Geography.NEAR, p.random);
            at[i] = d.geography.any(country, Use.HOSTING, p.random);
        }
        Program[] program = {Program.machine(p.random), Program.machine(p.random)};
        int moves = 4 + p.random.nextInt(20);
        double perDay = Draws.between(p.random, 15, 120);
        for (int day = 0; day < d.days; day++) {
            int now = day < moves ? 0 : 1;
            for (int i = Draws.poisson(p.random, perDay); i > 0; i--) {
                double hour =
                        Draws.chance(p.random, 0.75) ? 7 + 15 * p.random.nextDouble() : 24 * p.random.nextDouble();
                Client server =
                        Person.client(at[now], at[now].address(p.homeNumber)).with(program[now]);
                d.writes(p, d.time(day, hour), server, p.account, 1, 0.015);
            }
        }
    }

    /**
     * An application whose data centre fails: after some hours of silence its reserve at another provider sends what waited
     * and goes on, until the first is back.
     */
    static void failover(Person p, Diary d) {
        Network first = d.geography.any(p.company.country(), Use.HOSTING, p.random);
        Network reserve = d.geography.any(
                Draws.chance(p.random, 0.7) ? p.company.country() : Geography.oneOf(Geography.NEAR, p.random),
                Use.HOSTING,
                p.random);
        Client[] server = {
            Person.client(first, first.address(p.homeNumber)), Person.client(reserve, reserve.address(p.homeNumber))
        };
        long fails = d.time(3 + p.random.nextInt(Math.max(1, d.days - 5)), 24 * p.random.nextDouble());
        long works = fails + (long) (Draws.between(p.random, 0.3, 5) * Diary.HOUR);
        long back = works + (long) (Draws.between(p.random, 6, 60) * Diary.HOUR);
        double perDay = Draws.between(p.random, 20, 150);
        long waited = works;
        for (int day = 0; day < d.days; day++) {
            for (int i = Draws.poisson(p.random, perDay); i > 0; i--) {
                long at = d.time(
                        day, Draws.chance(p.random, 0.6) ? 7 + 12 * p.random.nextDouble() : 24 * p.random.nextDouble());
                if (at >= fails && at < works) {
                    d.writes(p, waited, server[1], p.account, 1, 0.015);
                    waited += (1 + p.random.nextInt(8)) * SECOND;
                } else {
                    d.writes(p, at, server[at >= works && at < back ? 1 : 0], p.account, 1, 0.015);
                }
            }
        }
    }
}
