package io.postbrake.simulator;

import io.postbrake.simulator.Action.Client;
import io.postbrake.simulator.Network.Use;
import io.postbrake.simulator.Person.Company;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * All that happens on a fleet, decided before it runs: the same seed gives the same script.
 *
 * @param start milliseconds since 1970
 * @param behaviours name of its behaviour by account
 * @param mishaps what people are to be told of, and nobody is to be blocked for
 * @param actions in order of time
 */
record Script(
        long seed,
        long start,
        int days,
        List<String> hosts,
        Geography geography,
        Map<String, String> behaviours,
        List<Attack> attacks,
        List<Mishap> mishaps,
        List<Action> actions) {

    /** A Monday. */
    static final Instant START = Instant.parse("2026-01-05T00:00:00Z");

    private static final int USUAL = 2000;
    private static final int GUESSES_A_DAY = 250;

    /** Makes up a fleet of {@code users} accounts on four hosts. */
    static Script of(long seed, int users, int days) {
        return of(seed, users, days, false);
    }

    /** The same; for tuning without the kinds that are held out, so that nobody sees how those do. */
    static Script of(long seed, int users, int days, boolean tuning) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 1);
        Geography geography = new Geography();
        List<String> hosts = List.of("mx1", "mx2", "mx3", "mx4");
        Diary diary = new Diary(random.nextLong(), START.toEpochMilli(), days, hosts, geography);
        List<Person> people = people(users, diary, random.split());
        Map<String, Behaviour> byName = new HashMap<>();
        Behaviour.all().forEach(b -> byName.put(b.name(), b));
        for (Person p : people) {
            Behaviour behaviour = byName.get(p.behaviour);
            if (!tuning || !behaviour.heldOut()) {
                behaviour.life().live(p, diary);
            }
        }
        List<Attack> attacks = new ArrayList<>();
        Set<String> stolen = new HashSet<>();
        for (AttackKind kind : AttackKind.all()) {
            int campaigns = Math.max(1, Math.round(kind.campaigns() * users / (float) USUAL));
            for (int i = 0; i < campaigns; i++) {
                SplittableRandom own = random.split();
                if (!tuning || !kind.heldOut()) {
                    kind.plan().carryOut(new Thief(kind, people, stolen, attacks, diary, own));
                }
            }
        }
        noise(users, people, diary, random.split());
        List<Mishap> mishaps = tuning ? List.of() : Mishaps.of(people, diary, random.split());
        diary.actions.sort(Comparator.comparingLong(Action::at));
        Map<String, String> behaviours = new HashMap<>();
        people.forEach(p -> behaviours.put(p.account, p.behaviour));
        return new Script(
                seed, diary.start, days, hosts, geography, behaviours, List.copyOf(attacks), mishaps, diary.actions);
    }

    private static List<Person> people(int users, Diary diary, SplittableRandom random) {
        List<Company> companies = new ArrayList<>();
        for (int i = 0; i < Math.max(2, users / 33); i++) {
            String country = Geography.oneOf(Geography.HOMELANDS, random);
            Network office = diary.geography.any(country, Use.OFFICE, random);
            companies.add(new Company("company" + i + ".example", country, office, random.nextInt(4096)));
        }
        List<Person> people = new ArrayList<>();
        for (Behaviour b : Behaviour.all()) {
            int n = Math.max(1, Math.round(b.weight() * users / (float) USUAL));
            Company together = companies.get(random.nextInt(companies.size()));
            for (int i = 0; i < n; i++) {
                Company company = b.name().equals("office-moves-network")
                        ? together
                        : companies.get(random.nextInt(companies.size()));
                String host = diary.hosts.get(random.nextInt(diary.hosts.size()));
                people.add(new Person(people.size(), b.name(), company, host, diary.geography, random.split()));
            }
        }
        return people;
    }

    /** The guessing that never ends anywhere: few tries an address, names that exist and names that do not. */
    private static void noise(int users, List<Person> people, Diary diary, SplittableRandom random) {
        int guesses = GUESSES_A_DAY * diary.days * users / USUAL;
        for (int i = 0; i < guesses; ) {
            Network n = diary.geography.any(Geography.oneOf(Geography.FAR, random), Use.HOME, random);
            Client client = Person.client(n, n.address(random));
            long at = diary.start + (long) (diary.days * Diary.DAY * random.nextDouble());
            for (int k = 1 + random.nextInt(8); k > 0; k--, i++) {
                boolean real = Draws.chance(random, 0.3);
                String name = real
                        ? people.get(random.nextInt(people.size())).account
                        : "admin" + random.nextInt(50) + "@company" + random.nextInt(40) + ".example";
                String host = diary.hosts.get(random.nextInt(diary.hosts.size()));
                diary.add(new Action.Failure(at, host, name, client, STRANGER));
                at += (long) (Draws.between(random, 20, 400) * Diary.SECOND);
            }
        }
    }

    /** Somebody hostile who got in nowhere. */
    static final int STRANGER = Integer.MAX_VALUE;
}
