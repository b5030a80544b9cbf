package io.postbrake.policysink;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which restriction class of Postfix each client has that relays blocked senders. Classes stand in main.cf, so that there is a fixed
 * number of them: a client beyond waits until one is free.
 */
final class RelayClasses {

    static final int COUNT = 8;

    private static final String NAME = "postbrake_relay_";

    private final Map<String, Integer> byClient = new LinkedHashMap<>();
    /** The one that is free for longest comes first: a lookup may be on its way between a client's entry and its class. */
    private final Deque<Integer> free = new ArrayDeque<>();
    /** Keys of the table that found no class, those that wait for longest first. */
    private final Set<String> waiting = new LinkedHashSet<>();
    /** Those of them that were blocked still when they were last looked at. */
    private final Set<String> asked = new HashSet<>();

    private Set<String> written = Set.of();
    private volatile int clientsWaiting;

    RelayClasses() {
        for (int i = 1; i <= COUNT; i++) {
            free.add(i);
        }
    }

    /** As main.cf names a class, and the table of clients has it. */
    static String name(int number) {
        return NAME + number;
    }

    /** The number of the class that has this name; 0 when none has. */
    static int number(String name) {
        for (int i = 1; i <= COUNT; i++) {
            if (name(i).equals(name)) {
                return i;
            }
        }
        return 0;
    }

    /** The client had this class before the enforcer started. */
    void restore(String client, int number) {
        if (free.remove(number)) {
            byClient.put(client, number);
            keep(byClient.keySet());
        }
    }

    /** Gives the client of a key a class, unless it has one; false when none is free for it, and the key waits. */
    boolean claim(String key, String client) {
        if (!byClient.containsKey(client)) {
            if (ahead(client) >= free.size()) {
                waiting.add(key);
                asked.add(key);
                return false;
            }
            byClient.put(client, free.remove());
        }
        waiting.remove(key);
        return true;
    }

    /** How many clients waited before this one did. */
    private long ahead(String client) {
        return waiting.stream()
                .map(RelaySenders::client)
                .takeWhile(other -> !other.equals(client))
                .distinct()
                .count();
    }

    /** The client's class; 0 without one. */
    int of(String client) {
        return byClient.getOrDefault(client, 0);
    }

    /** The table has these clients now: whoever else has a class loses it. */
    void keep(Collection<String> clients) {
        written = Set.copyOf(clients);
        for (String client : List.copyOf(byClient.keySet())) {
            if (!written.contains(client)) {
                free.add(byClient.remove(client));
            }
        }
    }

    /** Keys that wait, to be asked for anew now that all is written; a class that was given and not used is free again. */
    Collection<String> again() {
        keep(written);
        waiting.retainAll(asked); // Whoever was not asked for since is not blocked any more.
        asked.clear();
        clientsWaiting =
                (int) waiting.stream().map(RelaySenders::client).distinct().count();
        return List.copyOf(waiting);
    }

    /** Clients with blocked senders that wait for a class. Any thread may ask. */
    int clientsWaiting() {
        return clientsWaiting;
    }
}
