package io.postbrake.simulator;

import io.postbrake.simulator.Action.Client;
import io.postbrake.simulator.Network.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** One campaign: picks victims, sends in their name, and keeps the books. */
final class Thief {
    private final AttackKind kind;
    private final List<Person> people;
    private final Set<String> stolen;
    private final List<Attack> attacks;
    final Diary diary;
    final SplittableRandom random;

    private final Program tool;
    private double bounces;
    private boolean forges;
    private Person victim;
    private long first;
    private long last;
    private long recipients;
    private String filtered;

    Thief(
            AttackKind kind,
            List<Person> people,
            Set<String> stolen,
            List<Attack> attacks,
            Diary diary,
            SplittableRandom random) {
        this.kind = kind;
        this.people = people;
        this.stolen = stolen;
        this.attacks = attacks;
        this.diary = diary;
        this.random = random;
        this.bounces = Draws.between(random, 0.04, 0.35);
        this.forges = Draws.chance(random, 0.3);
        this.tool = Program.tool(random);
    }

    /** To people whom the victim knows, in the victim's name: nearly all of them exist. */
    void writesToContacts() {
        bounces = Draws.between(random, 0, 0.02);
        forges = false;
    }

    /** An account that nobody stole yet. */
    Person steals(Predicate<Person> wanted) {
        List<Person> fitting = new ArrayList<>();
        for (Person p : people) {
            if (!stolen.contains(p.account) && wanted.test(p)) {
                fitting.add(p);
            }
        }
        if (fitting.isEmpty()) {
            return people.get(random.nextInt(people.size()));
        }
        Person p = fitting.get(random.nextInt(fitting.size()));
        stolen.add(p.account);
        return p;
    }

    static boolean ordinary(Person p) {
        return Set.of("office", "home-office", "phone-and-home", "vpn-second-exit", "traveller", "holiday-return")
                .contains(p.behaviour);
    }

    void begins(Person p) {
        victim = p;
        first = Long.MAX_VALUE;
        last = 0;
        recipients = 0;
    }

    void sends(long at, Client client, int to) {
        sends(at, client, to, victim.host, forges ? forged() : victim.account);
    }

    /** A message that the host's own filter refuses. */
    void tries(long at, Client client, int to) {
        filtered = Action.Mail.MILTER;
        sends(at, client, to);
        filtered = null;
    }

    void sends(long at, Client client, int to, String host, String from) {
        if (at < diary.start || at >= diary.start + diary.days * Diary.DAY) {
            return;
        }
        int bounced = Draws.binomial(random, to, bounces);
        int size = (int) (2500 * Draws.logNormal(random, 0.5, 0.4));
        Client complete = client.program() == null ? client.with(tool) : client;
        diary.add(
                new Action.Mail(at, host, victim.account, complete, from, to, bounced, size, attacks.size(), filtered));
        first = Math.min(first, at);
        last = Math.max(last, at);
        recipients += to;
    }

    String forged() {
        return "offer" + random.nextInt(100_000) + "@bulk" + random.nextInt(500) + ".example";
    }

    void guesses(long at, Client client, String account) {
        String host = diary.hosts.get(random.nextInt(diary.hosts.size()));
        // A guess is nobody's in particular: it is hostile, but not a stolen account.
        diary.add(new Action.Failure(at, host, account, client, attacks.size()));
    }

    void ends() {
        if (recipients > 0) {
            attacks.add(new Attack(attacks.size(), kind, victim.account, first, last, recipients));
        }
    }

    String anybody() {
        return people.get(random.nextInt(people.size())).account;
    }

    /** When it begins: any time except for the last two days. */
    long begin() {
        return diary.start + (long) ((diary.days - 2) * Diary.DAY * random.nextDouble());
    }

    /** A client abroad, far or near, for a use. */
    Client abroad(Person p, Use use) {
        Network n = networkAbroad(p, use);
        return Person.client(n, n.address(random));
    }

    Network networkAbroad(Person p, Use use) {
        String country;
        do {
            country = Geography.oneOf(Draws.chance(random, 0.75) ? Geography.FAR : Geography.NEAR, random);
        } while (country.equals(p.company.country()));
        return diary.geography.any(country, use, random);
    }
}
