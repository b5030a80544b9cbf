package io.postbrake.simulator;

import io.postbrake.simulator.Action.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What everybody does, as it is made up. */
final class Diary {
    static final long SECOND = 1000;
    static final long MINUTE = 60 * SECOND;
    static final long HOUR = 60 * MINUTE;
    static final long DAY = 24 * HOUR;

    final long salt;
    final long start;
    final int days;
    final List<String> hosts;
    final Geography geography;
    final List<Action> actions = new ArrayList<>();

    Diary(long salt, long start, int days, List<String> hosts, Geography geography) {
        this.salt = salt;
        this.start = start;
        this.days = days;
        this.hosts = hosts;
        this.geography = geography;
    }

    /** Milliseconds since 1970 of an hour of a day of the simulation. */
    long time(int day, double hour) {
        return start + day * DAY + (long) (hour * HOUR);
    }

    int day(long at) {
        return (int) Math.floorDiv(at - start, DAY);
    }

    /** The simulation starts on a Monday. */
    static boolean workday(int day) {
        return Math.floorMod(day, 7) < 5;
    }

    void writes(Person p, long at, Client client, int recipients) {
        writes(p, at, client, p.account, recipients, 0.008);
    }

    void writes(Person p, long at, Client client, String from, int recipients, double bounces) {
        SplittableRandom r = p.random;
        // Most clients stay with one host; the name resolves to all.
        String host = Draws.chance(r, 0.9) ? p.host : hosts.get(r.nextInt(hosts.size()));
        int bounced = Draws.binomial(r, recipients, bounces);
        int size = (int) Math.min(20e6, 1500 * Draws.logNormal(r, 1.5, 1.3));
        Client complete = client.program() == null ? client.with(p.program(client, day(at))) : client;
        add(new Action.Mail(at, host, p.account, complete, from, recipients, bounced, size, Action.NOBODY));
    }

    void mistypes(Person p, long at, Client client) {
        add(new Action.Failure(at, p.host, p.account, client, Action.NOBODY));
    }

    /** What falls outside the simulated days did not happen. */
    void add(Action action) {
        if (action.at() >= start && action.at() < start + days * DAY) {
            actions.add(action);
        }
    }

    /** When the longest time without mail of an account begins. */
    long longestSilence(String account) {
        long[] times = actions.stream()
                .filter(a -> a instanceof Action.Mail
                        && a.legitimate()
                        && a.account().equals(account))
                .mapToLong(Action::at)
                .sorted()
                .toArray();
        long longest = start;
        long silence = 0;
        for (int i = 1; i < times.length; i++) {
            if (times[i] - times[i - 1] > silence) {
                silence = times[i] - times[i - 1];
                longest = times[i - 1];
            }
        }
        return longest;
    }

    /** How many recipients a letter has. */
    static int few(SplittableRandom r) {
        return Draws.chance(r, 0.72) ? 1 : Draws.chance(r, 0.93) ? 2 + r.nextInt(4) : 6 + r.nextInt(15);
    }
}
