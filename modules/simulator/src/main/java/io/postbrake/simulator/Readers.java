package io.postbrake.simulator;

import io.postbrake.simulator.Action.Client;
import io.postbrake.simulator.Action.Login;
import io.postbrake.simulator.Action.Mail;
import io.postbrake.simulator.Network.Use;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Who reads which mailbox of a made-up fleet: people where they write, and where their programs stay on; a provider's cloud; and
 * thieves, some of them for days before their first message. Drawn apart from the fleet, whose mail is the same with it and
 * without.
 */
final class Readers {
    private static final Set<String> MACHINES = Set.of(
            "mailing-list",
            "newsletter-monthly",
            "newsletter-weekly",
            "ticket-system",
            "scanner",
            "forwarder",
            "alert-storm",
            "application-moves",
            "failover",
            "container-gateway");

    /** A program at the usual place that is never switched off, wherever its owner is. */
    private static final double DESK_STAYS_ON = 0.3;

    private static final double CLOUD = 0.08;
    private static final double CLOUD_FROM_THE_BEGINNING = 0.7;
    private static final double READS_FIRST = 0.6;
    /** A thief's reading before his first message, from an hour to three days. */
    private static final double LEAST_HOURS = 1;

    private static final double MOST_HOURS = 72;

    private final Script script;
    private final SplittableRandom random;
    private final List<Action> logins = new ArrayList<>();
    private final Map<Integer, Long> thefts = new TreeMap<>();

    private Readers(Script script) {
        this.script = script;
        this.random = new SplittableRandom(script.seed() * 0xD1342543DE82EF95L + 20);
    }

    /**
     * The script with its readers.
     *
     * @param script the same fleet, with logins among its actions, and attacks that begin with the first of them
     * @param thefts when the thief logged in first, in milliseconds since 1970, by number of the attacks that begin so
     */
    record Read(Script script, Map<Integer, Long> thefts) {}

    static Read of(Script script) {
        var readers = new Readers(script);
        Map<String, List<Mail>> own = new TreeMap<>();
        Map<Integer, Mail> first = new TreeMap<>();
        for (Action action : script.actions()) {
            if (action instanceof Mail mail) {
                if (mail.legitimate()) {
                    own.computeIfAbsent(mail.account(), k -> new ArrayList<>()).add(mail);
                } else {
                    first.putIfAbsent(mail.attack(), mail);
                }
            }
        }
        own.forEach((account, mails) -> {
            if (!MACHINES.contains(script.behaviours().get(account))) {
                readers.owner(mails, readers.random.split());
            }
        });
        script.attacks().forEach(attack -> readers.thief(attack, first.get(attack.number()), readers.random.split()));
        List<Action> all = new ArrayList<>(script.actions());
        all.addAll(readers.logins);
        all.sort(Comparator.comparingLong(Action::at));
        return new Read(
                new Script(
                        script.seed(),
                        script.start(),
                        script.days(),
                        script.hosts(),
                        script.geography(),
                        script.behaviours(),
                        script.attacks().stream().map(readers::begun).toList(),
                        script.mishaps(),
                        all),
                readers.thefts);
    }

    /** Whoever is stopped from the first login on is stopped rightly. */
    private Attack begun(Attack attack) {
        Long theft = thefts.get(attack.number());
        return theft == null
                ? attack
                : new Attack(
                        attack.number(), attack.kind(), attack.account(), theft, attack.end(), attack.recipients());
    }

    private void owner(List<Mail> mails, SplittableRandom own) {
        Map<String, Integer> uses = new HashMap<>();
        Map<Integer, Map<String, Client>> days = new TreeMap<>();
        Map<String, Client> clients = new LinkedHashMap<>();
        for (Mail mail : mails) {
            String ip = mail.client().ip();
            clients.put(ip, mail.client());
            uses.merge(ip, 1, Integer::sum);
            days.computeIfAbsent(day(mail.at()), k -> new LinkedHashMap<>()).put(ip, mail.client());
        }
        Client usual = clients.get(uses.entrySet().stream()
                .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .orElseThrow()
                .getKey());
        boolean staysOn = Draws.chance(own, DESK_STAYS_ON);
        Client cloud = null;
        int since = 0;
        if (Draws.chance(own, CLOUD)) {
            Network network = script.geography().any("US", Use.HOSTING, own);
            cloud = Person.client(network, network.address(own));
            since = Draws.chance(own, CLOUD_FROM_THE_BEGINNING) ? 0 : own.nextInt(script.days());
        }
        Mail any = mails.get(0);
        for (Mail mail : mails) {
            // Somebody who answers has looked at what came, and looks again.
            reads(any, mail.client(), mail.at() - (long) (Draws.between(own, 1, 10) * Diary.MINUTE), Action.NOBODY);
        }
        int last = day(mails.get(mails.size() - 1).at());
        Client here = usual;
        for (int day = 0; day < script.days(); day++) {
            Map<String, Client> today = days.getOrDefault(day, Map.of());
            if (!today.isEmpty()) {
                here = List.copyOf(today.values()).get(today.size() - 1);
            } else if (day <= last) {
                polls(any, here, day, 1 + own.nextInt(3), own);
            }
            if (staysOn) {
                polls(any, usual, day, 4, own);
            }
            if (cloud != null && day >= since) {
                polls(any, cloud, day, 6, own);
            }
        }
    }

    private void polls(Mail any, Client client, int day, int times, SplittableRandom own) {
        for (int i = 0; i < times; i++) {
            long at = script.start() + day * Diary.DAY + (long) (Draws.between(own, 7, 22) * Diary.HOUR);
            reads(any, client, at, Action.NOBODY);
        }
    }

    private void thief(Attack attack, Mail firstOrNull, SplittableRandom own) {
        boolean reads = Draws.chance(own, READS_FIRST);
        double hours = Math.exp(Draws.between(own, Math.log(LEAST_HOURS), Math.log(MOST_HOURS)));
        if (!reads || firstOrNull == null) {
            return;
        }
        long begins = Math.max(script.start(), attack.start() - (long) (hours * Diary.HOUR));
        if (begins >= attack.start()) {
            return;
        }
        thefts.put(attack.number(), begins);
        for (long at = begins; at < attack.start(); at += (long) (Draws.between(own, 1, 6) * Diary.HOUR)) {
            reads(firstOrNull, firstOrNull.client(), at, attack.number());
        }
    }

    private void reads(Mail like, Client client, long at, int attack) {
        if (at >= script.start() && at < script.start() + script.days() * Diary.DAY) {
            logins.add(new Login(at, like.host(), like.account(), client, attack));
        }
    }

    private int day(long at) {
        return (int) Math.floorDiv(at - script.start(), Diary.DAY);
    }
}
