package io.postbrake.policysink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Senders of clients, as Postfix can ask for both: a table of clients whose values name a restriction class, and for each
 * class a table of the senders that are refused from its client. Entries of this table have the key {@code CLIENT SENDER}.
 */
final class RelayTable implements PolicyTable, AutoCloseable {

    private final Path path;
    private final RelayClasses classes;
    private final PolicyMap clients;
    /** Of the class 1 first; none where nothing is refused and nothing ever was. */
    private final List<PolicyMap> senders = new ArrayList<>();

    private NavigableMap<String, Entry> entries = new TreeMap<>();

    private RelayTable(Path path, long limit, boolean needed, RelayClasses classes) throws IOException {
        this.path = path;
        this.classes = classes;
        clients = needed || Files.exists(path) ? PolicyMap.open(path, limit) : null;
        try {
            for (int i = 1; clients != null && i <= RelayClasses.COUNT; i++) {
                senders.add(PolicyMap.open(senders(path, i), limit));
            }
            read();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Claims the table of clients at {@code path} and those of senders beside it.
     *
     * @param needed whether they are to be made when they are not there; those that are there are kept either way
     */
    static RelayTable open(Path path, long limit, boolean needed, RelayClasses classes) throws IOException {
        return new RelayTable(path, limit, needed, classes);
    }

    /** The table of a class's senders. */
    static Path senders(Path clients, int number) {
        String name = clients.getFileName().toString().replaceFirst("\\.lmdb$", "");
        return clients.resolveSibling(name + "-" + number + ".lmdb");
    }

    /** What an earlier enforcer wrote. A class that no client has was left by one that was killed: its senders count for nobody. */
    private void read() throws IOException {
        if (clients == null || lost()) {
            return;
        }
        for (Map.Entry<String, Entry> each : clients.after(null, Integer.MAX_VALUE)) {
            String client = each.getKey();
            int number = RelayClasses.number(each.getValue().reply());
            if (number > 0) {
                classes.restore(client, number);
            }
            if (classes.of(client) == 0) {
                clients.apply(removal(List.of(client)));
                continue;
            }
            senders.get(number - 1)
                    .after(null, Integer.MAX_VALUE)
                    .forEach(sender -> entries.put(client + " " + sender.getKey(), sender.getValue()));
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Map<String, Entry> entries(Collection<String> keys) {
        return SortedEntries.of(entries, keys);
    }

    @Override
    public List<Map.Entry<String, Entry>> after(String key, int most) {
        return SortedEntries.after(entries, key, most);
    }

    /** The client's entry is written last and removed first, so that its class never has another client's senders. */
    @Override
    public void apply(Map<String, Entry> changes) throws IOException {
        NavigableMap<String, Entry> next = SortedEntries.changed(entries, changes);
        Set<String> before = clients(entries);
        Set<String> after = clients(next);
        Set<String> over = new HashSet<>(before);
        over.removeAll(after);
        clients.apply(removal(over));
        for (String client : after) {
            bySender(senders.get(classes.of(client) - 1), bySender(next, client));
        }
        Map<String, Entry> fresh = new HashMap<>();
        after.stream().filter(client -> !before.contains(client)).forEach(client -> fresh.put(client, entry(client)));
        clients.apply(fresh);
        entries = next;
        classes.keep(after);
    }

    /** Makes a class's table have these senders, and no other. */
    private static void bySender(PolicyMap map, Map<String, Entry> wanted) throws IOException {
        Map<String, Entry> changes = new HashMap<>();
        for (Map.Entry<String, Entry> there : map.after(null, Integer.MAX_VALUE)) {
            if (!wanted.containsKey(there.getKey())) {
                changes.put(there.getKey(), null);
            } else if (there.getValue().equals(wanted.get(there.getKey()))) {
                wanted.remove(there.getKey());
            }
        }
        changes.putAll(wanted);
        map.apply(changes);
    }

    private static Map<String, Entry> bySender(NavigableMap<String, Entry> all, String client) {
        Map<String, Entry> result = new HashMap<>();
        all.tailMap(client + " ", false).entrySet().stream()
                .takeWhile(each -> RelaySenders.client(each.getKey()).equals(client))
                .forEach(each -> result.put(RelaySenders.sender(each.getKey()), each.getValue()));
        return result;
    }

    private static Set<String> clients(NavigableMap<String, Entry> all) {
        Set<String> result = new HashSet<>();
        all.keySet().forEach(key -> result.add(RelaySenders.client(key)));
        return result;
    }

    private Entry entry(String client) {
        return new Entry(RelayClasses.name(classes.of(client)), Entry.NEVER);
    }

    private static Map<String, Entry> removal(Collection<String> keys) {
        Map<String, Entry> result = new HashMap<>();
        keys.forEach(key -> result.put(key, null));
        return result;
    }

    @Override
    public boolean lost() {
        return clients != null && maps().anyMatch(PolicyMap::lost);
    }

    /** Postfix asks the table of clients first, so it is the last to be there. */
    @Override
    public void rebuild(Contents contents) throws IOException {
        NavigableMap<String, Entry> all = new TreeMap<>();
        contents.each(all::put);
        Set<String> named = clients(all);
        for (int i = 1; i <= RelayClasses.COUNT; i++) {
            int number = i;
            senders.get(i - 1)
                    .rebuild(to -> named.stream()
                            .filter(client -> classes.of(client) == number)
                            .forEach(client -> bySender(all, client).forEach(to)));
        }
        clients.rebuild(to -> named.forEach(client -> to.accept(client, entry(client))));
        entries = all;
        classes.keep(named);
    }

    private Stream<PolicyMap> maps() {
        return Stream.concat(Stream.of(clients), senders.stream()).filter(Objects::nonNull);
    }

    @Override
    public long count() {
        return entries.size();
    }

    @Override
    public long size() {
        return maps().mapToLong(PolicyMap::size).sum();
    }

    @Override
    public long longestLockWait() {
        return maps().mapToLong(PolicyMap::longestLockWait).max().orElse(0);
    }

    @Override
    public long lockFailures() {
        return maps().mapToLong(PolicyMap::lockFailures).sum();
    }

    @Override
    public void close() throws IOException {
        for (PolicyMap map : maps().toList()) {
            map.close();
        }
    }
}
