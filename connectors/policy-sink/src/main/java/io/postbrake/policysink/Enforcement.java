package io.postbrake.policysink;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Folds blocks and operators' words into the entries that one table should have. The newer word wins over the block; an
 * ended one counts no more, by this host's own clock. Until {@link #caughtUp} the table stays as it is, unless that
 * takes longer than {@link #PATIENCE}: then the cluster is away, and entries go at the ends that the table itself knows.
 */
final class Enforcement {

    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration RECENT = Duration.ofHours(1);
    private static final int MOST_RESTORED = 10_000;
    private static final Set<String> VERBS = Set.of("allow", "block", "unblock");

    private final PolicyTable table;
    private final Subjects subjects;
    private final Replies replies;
    private final Clock clock;
    private final Map<String, Wanted> blocks = new HashMap<>();
    private final Map<String, Wanted> words = new HashMap<>();
    private final Set<String> touched = new HashSet<>();
    private final PriorityQueue<Due> ends = new PriorityQueue<>(Comparator.comparingLong(Due::at));
    private boolean caughtUp;
    private Instant replayedSince;
    private Instant lastTick;
    private Instant lastWrite;
    private long refused;
    private Runnable onReplaced = () -> {};
    private Told told = new Told() {};

    /** Hears what the table was changed to, after it was read back. */
    interface Told {
        /**
         * A block is in force.
         *
         * @param recordKey the subject as records name it
         * @param restored whether that comes of catching up, not of news
         */
        default void inForce(String recordKey, Wanted block, boolean restored) {}

        /** A block is in force no more. */
        default void gone(String recordKey) {}
    }

    private record Due(long at, String key) {}

    Enforcement(PolicyTable table, Subjects subjects, Replies replies, Clock clock) throws IOException {
        this.table = table;
        this.subjects = subjects;
        this.replies = replies;
        this.clock = clock;
        lastTick = clock.instant();
        replay();
    }

    /** Calls {@code action} after the table's file was replaced, which Postfix notices when reloaded. */
    void onReplaced(Runnable action) {
        onReplaced = action;
    }

    /** Tells {@code told} of every change. */
    void onChanged(Told told) {
        this.told = told;
    }

    /** Forgets what the topics said, since they are read again from their beginning. */
    void replay() throws IOException {
        blocks.clear();
        words.clear();
        touched.clear();
        ends.clear();
        caughtUp = false;
        replayedSince = clock.instant();
        table.all().forEach((key, entry) -> due(entry.endsAt(), key));
    }

    /** Takes the newest block of a record key; null is a tombstone. Nothing is written before {@link #write}. */
    void block(String recordKey, Wanted block) {
        String key = key(recordKey);
        if (key != null && subjects.enforces(key)) {
            put(blocks, key, block);
        }
    }

    /** Takes an operator's newest word on a record key; null withdraws it. */
    void word(String recordKey, Wanted word) {
        String key = key(recordKey);
        if (key == null) {
            return;
        }
        if (word != null && !VERBS.contains(word.verb())) {
            refused++;
            return;
        }
        put(words, key, word);
    }

    private String key(String recordKey) {
        if (recordKey == null || !subjects.concerns(recordKey)) {
            return null;
        }
        String key = subjects.key(recordKey);
        if (key == null) {
            refused++;
        }
        return key;
    }

    private void put(Map<String, Wanted> into, String key, Wanted value) {
        if (value == null) {
            into.remove(key);
        } else {
            into.put(key, value);
            due(key, value);
        }
        if (caughtUp) {
            touched.add(key);
        }
    }

    private void due(String key, Wanted value) {
        due(value.endMillis(), key);
    }

    private void due(long at, String key) {
        if (at != Entry.NEVER) {
            ends.add(new Due(at, key));
        }
    }

    /** Writes what the subjects that were touched should have now; what could not be written is due again. */
    void write() throws IOException {
        if (!caughtUp || touched.isEmpty()) {
            return; // An older record must neither lift nor set what a newer one says otherwise.
        }
        Instant now = clock.instant();
        Map<String, Entry> before = new HashMap<>();
        Map<String, Entry> changes = new HashMap<>();
        for (String key : touched) {
            Entry wanted = wanted(key, now);
            Entry there = table.entry(key);
            if (!Objects.equals(wanted, there)) {
                changes.put(key, wanted);
                before.put(key, there);
            }
        }
        if (!repaired()) {
            apply(changes);
        }
        touched.clear();
        changes.forEach((key, entry) -> tell(key, before.get(key), entry, now));
    }

    /** A new end alone is no news. */
    private void tell(String key, Entry before, Entry entry, Instant now) {
        Wanted block = entry == null ? null : standing(key, now);
        if (block == null) {
            told.gone(subjects.recordKey(key));
        } else if (before == null || !before.reply().equals(entry.reply())) {
            told.inForce(subjects.recordKey(key), block, false);
        }
    }

    /** The topics were read from their beginning to the end seen then: what was not seen there goes. */
    void caughtUp() throws IOException {
        if (caughtUp) {
            return;
        }
        Map<String, Entry> there = table.all();
        if (!repaired()) {
            Map<String, Entry> changes = new HashMap<>();
            Map<String, Entry> wanted = wanted();
            wanted.forEach((key, entry) -> {
                if (!entry.equals(there.get(key))) {
                    changes.put(key, entry);
                }
            });
            there.keySet().stream().filter(key -> !wanted.containsKey(key)).forEach(key -> changes.put(key, null));
            apply(changes);
        }
        caughtUp = true;
        tellRestored(there);
    }

    /** Tells what is new in the table, and what may not have been told before the end of the process before this one. */
    private void tellRestored(Map<String, Entry> before) {
        Instant now = clock.instant();
        Instant recent = now.minus(RECENT);
        Set<String> keys = new HashSet<>(blocks.keySet());
        keys.addAll(words.keySet());
        int many = 0;
        for (String key : keys) {
            Wanted block = subjects.never(key) ? null : standing(key, now);
            boolean news = block != null && (block.at().isAfter(recent) || !before.containsKey(key));
            if (news && many++ < MOST_RESTORED) {
                told.inForce(subjects.recordKey(key), block, true);
            }
        }
    }

    boolean isCaughtUp() {
        return caughtUp;
    }

    /** Removes entries that ended, and builds a table anew that was lost. */
    void tick() throws IOException {
        Instant now = clock.instant();
        if (caughtUp) {
            if (now.isBefore(lastTick)) {
                touched.addAll(blocks.keySet()); // Set back: what ended by the wrong time has not ended.
                touched.addAll(words.keySet());
                blocks.forEach(this::due);
                words.forEach(this::due);
            }
            while (!ends.isEmpty() && ends.peek().at() <= now.toEpochMilli()) {
                touched.add(ends.poll().key());
            }
            if (!repaired()) {
                write();
            }
        } else if (now.isAfter(replayedSince.plus(PATIENCE))) {
            expire(now.toEpochMilli());
        }
        lastTick = now;
    }

    /** Drops what ended by the end that the table knows: nobody can be asked for a newer one. */
    private void expire(long now) throws IOException {
        Map<String, Entry> changes = new HashMap<>();
        while (!ends.isEmpty() && ends.peek().at() <= now) {
            String key = ends.poll().key();
            Entry there = table.entry(key);
            if (there != null && there.ended(now)) {
                changes.put(key, null);
            }
        }
        apply(changes);
    }

    private boolean repaired() throws IOException {
        if (!table.lost()) {
            return false;
        }
        table.rebuild(wanted());
        lastWrite = clock.instant();
        onReplaced.run();
        return true;
    }

    private void apply(Map<String, Entry> changes) throws IOException {
        if (!changes.isEmpty()) {
            table.apply(changes);
            lastWrite = clock.instant();
            if (table.changedByRenaming()) {
                onReplaced.run();
            }
        }
    }

    /** Records that could not be enforced: their subject is no key, or their verb is unknown. */
    long refused() {
        return refused;
    }

    /** When the table was last changed by us; null: not since the start. */
    Instant lastWrite() {
        return lastWrite;
    }

    /** The table. */
    PolicyTable table() {
        return table;
    }

    private Map<String, Entry> wanted() {
        Instant now = clock.instant();
        Map<String, Entry> result = new HashMap<>();
        Set<String> keys = new HashSet<>(blocks.keySet());
        keys.addAll(words.keySet());
        for (String key : keys) {
            Entry entry = wanted(key, now);
            if (entry != null) {
                result.put(key, entry);
            }
        }
        return result;
    }

    private Entry wanted(String key, Instant now) {
        if (subjects.never(key)) {
            return null;
        }
        Wanted word = words.get(key);
        if (word != null && !word.ended(now) && word.verb().equals("allow")) {
            String exemption = subjects.exemption(key);
            return exemption == null ? null : new Entry(exemption, word.endMillis());
        }
        Wanted block = standing(key, now);
        return block == null ? null : replies.of(block);
    }

    /** The block or operator's block that counts for a key; null when none does. */
    private Wanted standing(String key, Instant now) {
        if (!subjects.enforces(key)) {
            return null;
        }
        Wanted block = blocks.get(key);
        Wanted word = words.get(key);
        boolean stands = word != null && !word.ended(now);
        if (stands && !word.verb().equals("unblock")) {
            return word.verb().equals("block") ? word : null;
        }
        boolean counts = block != null && !block.ended(now) && !spent(block, word);
        return counts ? block : null;
    }

    /** An allow and an unblock use up all that was known when they were said, also after they ended. */
    private static boolean spent(Wanted block, Wanted word) {
        return word != null
                && !word.verb().equals("block")
                && !(block.evidenceAt().isAfter(word.at()) && block.at().isAfter(word.at()));
    }
}
