package io.postbrake.simulator;

import static io.postbrake.simulator.Diary.MINUTE;
import static io.postbrake.simulator.Diary.SECOND;

import io.postbrake.simulator.Action.Client;
import io.postbrake.simulator.Network.Use;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/** Human ways to use an account. */
final class People {
    private People() {}

    static void office(Person p, Diary d) {
        for (int day = 0; day < d.days; day++) {
            workingDay(p, d, day, 1, x -> Draws.chance(p.random, 0.9) ? p.office() : p.phone());
        }
    }

    static void homeOffice(Person p, Diary d) {
        for (int day = 0; day < d.days; day++) {
            boolean atHome = Draws.chance(p.random, 0.6);
            workingDay(p, d, day, 1, x -> atHome ? p.home(x) : p.office());
        }
    }

    static void phoneAndHome(Person p, Diary d) {
        for (int day = 0; day < d.days; day++) {
            workingDay(p, d, day, 0.7, x -> Draws.chance(p.random, 0.7) ? p.phone() : p.home(x));
            evening(p, d, day, 0.8, p::home);
        }
    }

    /** Now through the company's gateway in another country, now directly, several times a day. */
    static void vpn(Person p, Diary d) {
        String country = Geography.oneOf(Draws.chance(p.random, 0.85) ? Geography.FAR : Geography.NEAR, p.random);
        Network exit = d.geography.any(country, Use.HOSTING, p.random);
        int number = p.random.nextInt(4096);
        int begins = Draws.chance(p.random, 0.25) ? p.random.nextInt(20) : 0;
        double share = Draws.between(p.random, 0.25, 0.6);
        for (int day = 0; day < d.days; day++) {
            boolean able = day >= begins;
            workingDay(
                    p,
                    d,
                    day,
                    1,
                    x -> able && Draws.chance(p.random, share)
                            ? Person.client(exit, exit.address(number + p.random.nextInt(3)))
                            : Draws.chance(p.random, 0.6) ? p.office() : p.home(x));
        }
    }

    static void traveller(Person p, Diary d) {
        int leaves = p.random.nextInt(d.days);
        int returns = leaves + 3 + p.random.nextInt(8);
        boolean far = Draws.chance(p.random, 0.4);
        String country = Geography.oneOf(far ? Geography.FAR : Geography.NEAR, p.random);
        Network hotel = d.geography.any(country, Use.HOTEL, p.random);
        Network roaming = d.geography.any(country, Use.MOBILE, p.random);
        int room = p.random.nextInt(4096);
        for (int day = 0; day < d.days; day++) {
            if (day == leaves) {
                // The day of the journey: a letter from home in the morning, from the hotel in the evening.
                d.writes(p, d.time(day, Draws.between(p.random, 5, 6)), p.home(day), Diary.few(p.random));
                d.writes(
                        p,
                        d.time(day, (far ? 21 : 13) + 2.5 * p.random.nextDouble()),
                        Person.client(hotel, hotel.address(room)),
                        Diary.few(p.random));
                continue;
            }
            boolean away = day > leaves && day < returns;
            double busy = away ? 0.6 : 1;
            workingDay(p, d, day, busy, x -> {
                if (!away) {
                    return Draws.chance(p.random, 0.7) ? p.office() : p.phone();
                }
                // Roaming phones often leave the net at home.
                int where = p.random.nextInt(10);
                return where < 6
                        ? Person.client(hotel, hotel.address(room))
                        : where < 8 ? Person.client(roaming, roaming.address(p.random)) : p.phone();
            });
        }
    }

    static void nightWorker(Person p, Diary d) {
        for (int day = 0; day < d.days; day++) {
            int n = Draws.poisson(p.random, Diary.workday(day) ? p.pace : p.pace * 0.6);
            session(p, d, day, n, 21, 5.5, x -> Draws.chance(p.random, 0.8) ? p.home(x) : p.phone());
        }
    }

    /** Quiet until the end of a quarter, then five days of many times the work. */
    static void seasonal(Person p, Diary d) {
        int begins = 10 + p.random.nextInt(14);
        for (int day = 0; day < d.days; day++) {
            boolean season = day >= begins && day < begins + 6;
            workingDay(p, d, day, season ? 6 : 0.35, x -> p.office());
        }
    }

    static void newAccount(Person p, Diary d) {
        int begins = 1 + p.random.nextInt(d.days - 1);
        for (int day = begins; day < d.days; day++) {
            if (day == begins) {
                // A newcomer introduces herself.
                session(p, d, day, 3 + p.random.nextInt(10), 9, 2, x -> p.office());
            }
            workingDay(p, d, day, 1, x -> Draws.chance(p.random, 0.7) ? p.office() : p.home(x));
        }
    }

    static void holidayReturn(Person p, Diary d) {
        int leaves = 2 + p.random.nextInt(12);
        int returns = leaves + 9 + p.random.nextInt(9);
        for (int day = 0; day < d.days; day++) {
            if (day < leaves || day > returns) {
                workingDay(p, d, day, 1, x -> Draws.chance(p.random, 0.8) ? p.office() : p.home(x));
            } else if (day == returns) {
                session(p, d, day, 20 + p.random.nextInt(25), 8, 4, x -> p.office());
            }
        }
    }

    static void rare(Person p, Diary d) {
        int letters = 1 + p.random.nextInt(5);
        for (int i = 0; i < letters; i++) {
            int day = p.random.nextInt(d.days);
            session(
                    p,
                    d,
                    day,
                    1 + p.random.nextInt(2),
                    8,
                    13,
                    x -> Draws.chance(p.random, 0.6) ? p.home(x) : p.phone());
        }
    }

    /** info@: half a dozen people at their own desks, homes and phones. */
    static void sharedMailbox(Person p, Diary d) {
        int people = 3 + p.random.nextInt(5);
        Network[] homes = new Network[people];
        int[] numbers = new int[people];
        for (int i = 0; i < people; i++) {
            homes[i] = d.geography.any(p.company.country(), Use.HOME, p.random);
            numbers[i] = p.random.nextInt(4096);
        }
        for (int day = 0; day < d.days; day++) {
            workingDay(p, d, day, 2.5, x -> {
                int who = p.random.nextInt(people);
                int where = p.random.nextInt(10);
                return where < 6
                        ? p.office()
                        : where < 8 ? Person.client(homes[who], homes[who].address(numbers[who])) : p.phone();
            });
        }
    }

    /** The password was changed; phone or laptop goes on with the old one for a day, and so do fingers. */
    static void oldPassword(Person p, Diary d) {
        int changed = 2 + p.random.nextInt(d.days - 3);
        for (int day = 0; day < d.days; day++) {
            Client here = Draws.chance(p.random, 0.6) ? p.office() : p.home(day);
            workingDay(p, d, day, 1, x -> here);
            if (day == changed) {
                long at = d.time(day, Draws.between(p.random, 8, 10));
                for (int i = 0; i < 20 + p.random.nextInt(60); i++) {
                    d.mistypes(p, at + i * 5 * MINUTE + p.random.nextInt(20) * SECOND, here);
                    if (Draws.chance(p.random, 0.5)) {
                        d.mistypes(p, at + i * 5 * MINUTE + 25 * SECOND, here);
                    }
                }
            } else if (Draws.chance(p.random, 0.15)) {
                long at = d.time(day, Draws.between(p.random, 8, 17));
                for (int i = 0; i < 2 + p.random.nextInt(6); i++) {
                    d.mistypes(p, at + i * 8 * SECOND, here);
                }
                d.writes(p, at + 80 * SECOND, here, 1);
            }
        }
    }

    /** An ordinary clerk who now and then invites eighty people one by one. */
    static void mailMerge(Person p, Diary d) {
        for (int day = 0; day < d.days; day++) {
            workingDay(p, d, day, 1, x -> p.office());
            if (Diary.workday(day) && Draws.chance(p.random, 0.08)) {
                burst(p, d, d.time(day, Draws.between(p.random, 9, 16)), 40 + p.random.nextInt(80), 2.5, p.office());
            }
        }
    }

    /** Moves to another country and stays. */
    static void relocation(Person p, Diary d) {
        int moves = 6 + p.random.nextInt(18);
        Network home = d.geography.any(Geography.oneOf(Geography.NEAR, p.random), Use.HOME, p.random);
        int number = p.random.nextInt(4096);
        for (int day = 0; day < d.days; day++) {
            boolean there = day > moves;
            if (day != moves) {
                workingDay(p, d, day, 1, x -> there ? Person.client(home, home.address(number)) : p.home(x));
            }
        }
    }

    /** The office gets another provider over night: everybody comes from a new network. */
    static void officeMoves(Person p, Diary d) {
        // The same network and day for everybody.
        SplittableRandom shared =
                new SplittableRandom(d.salt ^ p.company.domain().hashCode());
        Network next = d.geography.nearby(p.company.office().city(), Use.OFFICE, shared);
        int number = shared.nextInt(4096);
        int moves = 5 + shared.nextInt(18);
        for (int day = 0; day < d.days; day++) {
            boolean moved = day >= moves;
            workingDay(p, d, day, 1, x -> moved ? Person.client(next, next.address(number)) : p.office());
        }
    }

    /** Three days among strangers in another country, and a note to everybody who left a card. */
    static void conference(Person p, Diary d) {
        int leaves = 3 + p.random.nextInt(Math.max(1, d.days - 8));
        Network hotel = d.geography.any(Geography.oneOf(Geography.NEAR, p.random), Use.HOTEL, p.random);
        int room = p.random.nextInt(4096);
        for (int day = 0; day < d.days; day++) {
            boolean away = day > leaves && day <= leaves + 3;
            Client there = Person.client(hotel, hotel.address(room));
            workingDay(
                    p,
                    d,
                    day,
                    away ? 0.4 : 1,
                    x -> !away ? p.office() : Draws.chance(p.random, 0.6) ? there : p.phone());
            if (day == leaves + 3) {
                session(p, d, day, 15 + p.random.nextInt(30), 15, 3, x -> there);
            }
        }
    }

    /** From some day on an assistant, elsewhere in the country, answers half of the letters. */
    static void delegate(Person p, Diary d) {
        int begins = 4 + p.random.nextInt(18);
        Network theirs = d.geography.any(p.company.country(), Use.HOME, p.random);
        int number = p.random.nextInt(4096);
        Program program = Program.desktop(p.random);
        for (int day = 0; day < d.days; day++) {
            boolean two = day >= begins;
            workingDay(
                    p,
                    d,
                    day,
                    two ? 1.5 : 1,
                    x -> two && Draws.chance(p.random, 0.5)
                            ? Person.client(theirs, theirs.address(number)).with(program)
                            : p.office());
        }
    }

    /** A week of visits to customers in other countries: every night another hotel, and the day's letters from there. */
    static void roadshow(Person p, Diary d) {
        int leaves = 2 + p.random.nextInt(Math.max(1, d.days - 8));
        int nights = 3 + p.random.nextInt(4);
        for (int day = 0; day < d.days; day++) {
            if (day < leaves || day >= leaves + nights) {
                workingDay(p, d, day, 1, x -> Draws.chance(p.random, 0.7) ? p.office() : p.phone());
                continue;
            }
            Network hotel = d.geography.any(Geography.oneOf(Geography.NEAR, p.random), Use.HOTEL, p.random);
            Client there = Person.client(hotel, hotel.address(p.random));
            workingDay(p, d, day, 0.3, x -> p.phone());
            session(p, d, day, 4 + p.random.nextInt(9), 17, 4, x -> there);
        }
    }

    static void workingDay(Person p, Diary d, int day, double busy, IntFunction<Client> where) {
        double mean = Diary.workday(day) ? p.pace * busy : p.pace * busy * 0.05;
        session(p, d, day, Draws.poisson(p.random, mean * Draws.logNormal(p.random, -0.08, 0.4)), 7.5, 10.5, where);
    }

    private static void evening(Person p, Diary d, int day, double mean, IntFunction<Client> where) {
        session(p, d, day, Draws.poisson(p.random, mean), 18.5, 4.5, where);
    }

    /** Letters come in handfuls: somebody sits down and answers some. */
    static void session(Person p, Diary d, int day, int letters, double from, double hours, IntFunction<Client> where) {
        int left = letters;
        while (left > 0) {
            int handful = Math.min(left, 1 + Draws.poisson(p.random, 0.8));
            long at = d.time(day, from + hours * p.random.nextDouble());
            Client client = where.apply(day);
            for (int i = 0; i < handful; i++) {
                d.writes(p, at, client, Diary.few(p.random));
                at += (long) ((20 + 150 * -Math.log(1 - p.random.nextDouble())) * SECOND);
            }
            left -= handful;
        }
    }

    static void burst(Person p, Diary d, long from, int letters, double secondsBetween, Client client) {
        long at = from;
        for (int i = 0; i < letters; i++) {
            d.writes(p, at, client, p.account, 1, 0.03);
            at += (long) (secondsBetween * (0.5 + p.random.nextDouble()) * SECOND);
        }
    }
}
