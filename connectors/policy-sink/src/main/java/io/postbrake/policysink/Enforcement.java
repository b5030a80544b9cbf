package io.postbrake.policysink;

import io.postbrake.subject.OverridePrecedence;
import io.postbrake.subject.OverridePrecedence.Counts;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Folds blocks and operators' words into the entries that one table should have. The newer word wins over the block; an
 * ended one counts no more, by this host's own clock. Until {@link #caughtUp} the table stays as it is, unless that
 * takes longer than {@link #PATIENCE}: then the cluster is away, and entries go at the ends that the table itself knows.
 */
final class Enforcement implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration RECENT = Duration.ofHours(1);
    private static final int MOST_RESTORED = 10_000;
    /** Subjects that are looked at together: a host may have a million of them and little memory. */
    private static final int PAGE = 1000;

    private static final Set<String> VERBS = Set.of("allow", "block", "unblock");

    private final PolicyTable table;
    private final Subjects subjects;
    private final Replies replies;
    private final Clock clock;
    private final SaidFile said;
    private final SharedKeys keys;
    /** Keys of the table to look at. */
    private final Set<String> touched = new HashSet<>();
    /** Keys of the table to tell of once the topics were read. */
    private final Set<String> restored = new LinkedHashSet<>();

    private boolean caughtUp;
    private Instant replayedSince;
    private Instant lastTick;
    private Instant lastWrite;
    private long refused;
    private Runnable onReplaced = () -> {};
    private Told told = new Told() {};

    /**
     * Hears what the table was changed to, after it was read back: of each subject that an entry is for, by the name that
     * records have for it. The entry's key may be another one.
     */
    interface Told {
        /**
         * A block is in force.
         *
         * @param recordKey the subject as records name it
         * @param restored whether that comes of catching up, not of news
         */
        default void inForce(String recordKey, Wanted block, boolean restored) {}

        /** A block counts although nothing in the table changed: it was said anew, or the end of it was. */
        default void stands(String recordKey, Wanted block) {}

        /** A block counts, but the entry in the table is that of an operator's block of the same subject. */
        default void behind(String recordKey, Wanted block) {}

        /** A block counts, and is in no table all the same. */
        default void keptOut(String recordKey, Wanted block, String why) {}

        /** A block is in force no more. */
        default void gone(String recordKey) {}

        /**
         * The table is as an operator's newest word wants it.
         *
         * @param keptOutOrNull why a block is in no table all the same
         */
        default void followed(String recordKey, Wanted word, String keptOutOrNull) {}
    }

    /**
     * @param said made for this table, and closed with this
     */
    Enforcement(PolicyTable table, SaidFile said, Subjects subjects, Replies replies, Clock clock) throws IOException {
        this.table = table;
        this.said = said;
        this.subjects = subjects;
        this.keys = new SharedKeys(said, subjects, this::standing);
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
        said.clear();
        subjects.stands(null, null);
        touched.clear();
        restored.clear();
        caughtUp = false;
        replayedSince = clock.instant();
        String last = null;
        for (var page = table.after(last, PAGE); !page.isEmpty(); page = table.after(last, PAGE)) {
            for (Map.Entry<String, Entry> there : page) {
                last = there.getKey();
                due(there.getValue().endsAt(), last);
            }
        }
        said.flush();
    }

    /** Takes the newest block of a record key; null is a tombstone. Nothing is written before {@link #write}. */
    void block(String recordKey, Wanted block) throws IOException {
        String subject = subject(recordKey);
        if (subject != null && subjects.enforces(subject)) {
            said.block(subject, block);
            changed(subject, block);
        }
    }

    /** Takes an operator's newest word on a record key; null withdraws it. */
    void word(String recordKey, Wanted word) throws IOException {
        String subject = subject(recordKey);
        if (subject == null) {
            return;
        }
        if (word != null && !VERBS.contains(word.verb())) {
            refused++;
            return;
        }
        said.word(subject, word);
        changed(subject, word);
    }

    /** Whether records of this key are about subjects of this table. */
    boolean concerns(String recordKey) {
        return subjects.concerns(recordKey);
    }

    private String subject(String recordKey) throws IOException {
        if (recordKey == null || !subjects.concerns(recordKey)) {
            return null;
        }
        String subject = subjects.subject(recordKey);
        if (subject == null || !keys.add(subject)) {
            refused++;
            return null;
        }
        return subject;
    }

    /** Forgets what was taken since the last {@link #write} that could flush it: whoever brought it brings it again. */
    void abandon() {
        said.abandon();
    }

    private void changed(String subject, Wanted value) throws IOException {
        if (value != null) {
            due(value.endMillis(), subject);
        }
        if (caughtUp) {
            touched.addAll(subjects.keys(subject));
        }
    }

    private void due(long at, String key) throws IOException {
        if (at != Entry.NEVER) {
            said.due(at, key);
        }
    }

    /** Writes what the subjects that were touched should have now; what could not be written is due again. */
    void write() throws IOException {
        said.flush();
        if (!caughtUp || touched.isEmpty()) {
            return; // An older record must neither lift nor set what a newer one says otherwise.
        }
        Instant now = clock.instant();
        Map<String, Entry> before = table.entries(touched);
        Map<String, SaidFile.Said> after = keys.of(touched, now);
        Map<String, Entry> changes = new HashMap<>();
        after.forEach((key, all) -> {
            subjects.stands(key, standing(key, all, now));
            change(changes, key, wanted(key, all, now), before.get(key));
        });
        if (!repaired()) {
            apply(changes);
        }
        touched.clear();
        for (Map.Entry<String, SaidFile.Said> each : after.entrySet()) {
            String key = each.getKey();
            Wanted block = enforced(key, each.getValue(), now);
            Entry entry = changes.containsKey(key) ? changes.get(key) : before.get(key);
            for (SaidFile.Subject subject : keys.behind(key, each.getValue())) {
                tell(subject, key, before.get(key), entry, block, now);
            }
        }
    }

    private String keptOut(String key, Wanted word) {
        return word.verb().equals("block") ? subjects.keptOut(key, word) : null;
    }

    /** The block that counts for a key and is in the table; null when none is. */
    private Wanted enforced(String key, SaidFile.Said all, Instant now) {
        Wanted block = standing(key, all, now);
        return block == null || subjects.keptOut(key, block) != null ? null : block;
    }

    private static void change(Map<String, Entry> changes, String key, Entry wanted, Entry there) {
        if (!Objects.equals(wanted, there)) {
            changes.put(key, wanted);
        }
    }

    /** Tells of one of the subjects that the key is for; {@code block} counts for the key, and may be another subject's. */
    private void tell(SaidFile.Subject subject, String key, Entry before, Entry entry, Wanted block, Instant now) {
        String recordKey = subjects.recordKey(subject.key());
        Wanted other = subject.said().block();
        Wanted word = subject.said().word();
        boolean its = block != null
                && (block.equals(other) || (word != null && block.equals(subjects.operators(word, other))));
        String why = other == null || other.ended(now) ? null : subjects.keptOut(key, other);
        if (why != null) {
            told.keptOut(recordKey, other, why);
        }
        if (block == null) {
            if (!Objects.equals(before, entry)) {
                told.gone(recordKey);
            }
        } else if (!its) {
            Wanted own = standing(key, subject.said(), now);
            if (own == null) {
                told.gone(recordKey);
            } else if (!own.equals(other)) {
                told.behind(recordKey, own);
            }
        } else if (entry != null && (before == null || !before.reply().equals(entry.reply()))) {
            told.inForce(recordKey, block, false);
        } else {
            told.stands(recordKey, block);
        }
        if (block != null && !block.equals(other) && other != null && !other.ended(now)) {
            told.behind(recordKey, other);
        }
        // Of a range, the table of addresses has nothing to say.
        if (word != null && subjects.enforces(key)) {
            told.followed(recordKey, word, keptOut(key, word));
        }
    }

    /** The topics were read from their beginning to the end seen then: what was not seen there goes. */
    void caughtUp() throws IOException {
        if (caughtUp) {
            return;
        }
        boolean lost = table.lost();
        String last = null;
        for (var page = said.after(last, PAGE); !page.isEmpty(); page = said.after(last, PAGE)) {
            last = page.get(page.size() - 1).key();
            restore(page, lost);
        }
        if (lost) {
            repaired();
        } else {
            dropUnsaid();
        }
        caughtUp = true;
        Instant now = clock.instant();
        for (String key : restored) {
            SaidFile.Said all = keys.of(List.of(key), now).get(key);
            Wanted block = standing(key, all, now);
            if (block == null) {
                continue;
            }
            for (SaidFile.Subject subject : keys.behind(key, all)) {
                String recordKey = subjects.recordKey(subject.key());
                Wanted own = standing(key, subject.said(), now);
                Wanted other = subject.said().block();
                if (subjects.keptOut(key, block) != null) {
                    String why = other == null || other.ended(now) ? null : subjects.keptOut(key, other);
                    if (why != null) {
                        told.keptOut(recordKey, other, why);
                    }
                } else if (block.equals(own)) {
                    told.inForce(recordKey, block, true);
                } else if (own != null) {
                    told.behind(recordKey, own);
                }
            }
        }
        restored.clear();
    }

    /** Writes what these should have; remembers which are new, or may not have been told of before the last process ended. */
    private void restore(List<SaidFile.Subject> page, boolean lost) throws IOException {
        Instant now = clock.instant();
        Instant recent = now.minus(RECENT);
        Map<String, SaidFile.Said> wanted = keys.of(tableKeys(page), now);
        Map<String, Entry> there = table.entries(wanted.keySet());
        Map<String, Entry> changes = new HashMap<>();
        wanted.forEach((key, all) -> {
            change(changes, key, wanted(key, all, now), there.get(key));
            Wanted block = standing(key, all, now);
            subjects.stands(key, block);
            boolean news = block != null && (block.at().isAfter(recent) || !there.containsKey(key));
            if (news && restored.size() < MOST_RESTORED) {
                restored.add(key);
            }
        });
        if (!lost) {
            apply(changes);
        }
    }

    private Set<String> tableKeys(List<SaidFile.Subject> page) {
        Set<String> result = new LinkedHashSet<>();
        page.forEach(subject -> result.addAll(subjects.keys(subject.key())));
        return result;
    }

    private void dropUnsaid() throws IOException {
        String last = null;
        for (var page = table.after(last, PAGE); !page.isEmpty(); page = table.after(last, PAGE)) {
            Instant now = clock.instant();
            last = page.get(page.size() - 1).getKey();
            Map<String, Entry> changes = new HashMap<>();
            keys.of(page.stream().map(Map.Entry::getKey).toList(), now).forEach((key, all) -> {
                if (wanted(key, all, now) == null) {
                    changes.put(key, null);
                }
            });
            apply(changes);
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
                writeAll(); // Set back: what ended by the wrong time has not ended.
            }
            touched.addAll(subjects.again());
            if (!repaired()) {
                write();
            }
            for (var some = said.due(now.toEpochMilli(), PAGE);
                    !some.isEmpty();
                    some = said.due(now.toEpochMilli(), PAGE)) {
                some.forEach(due -> touched.addAll(subjects.keys(due.key())));
                write();
                said.done(some);
            }
        } else if (now.isAfter(replayedSince.plus(PATIENCE))) {
            expire(now.toEpochMilli());
        }
        lastTick = now;
    }

    private void writeAll() throws IOException {
        String last = null;
        for (var page = said.after(last, PAGE); !page.isEmpty(); page = said.after(last, PAGE)) {
            for (SaidFile.Subject subject : page) {
                last = subject.key();
                touched.addAll(subjects.keys(last));
                for (Wanted wanted :
                        new Wanted[] {subject.said().block(), subject.said().word()}) {
                    if (wanted != null) {
                        due(wanted.endMillis(), last);
                    }
                }
            }
            write();
        }
    }

    /** Drops what ended by the end that the table knows: nobody can be asked for a newer one. */
    private void expire(long now) throws IOException {
        for (var some = said.due(now, PAGE); !some.isEmpty(); some = said.due(now, PAGE)) {
            Map<String, Entry> changes = new HashMap<>();
            Set<String> ended = new LinkedHashSet<>();
            some.forEach(due -> {
                ended.add(due.key()); // What the table itself told.
                ended.addAll(subjects.keys(due.key()));
            });
            table.entries(ended).forEach((key, there) -> {
                if (there.ended(now)) {
                    changes.put(key, null);
                }
            });
            apply(changes);
            said.done(some);
        }
    }

    private boolean repaired() throws IOException {
        if (!table.lost()) {
            return false;
        }
        table.rebuild(this::each);
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

    /** Everything that the table should have. */
    private void each(BiConsumer<String, Entry> to) throws IOException {
        Instant now = clock.instant();
        String last = null;
        for (var page = said.after(last, PAGE); !page.isEmpty(); page = said.after(last, PAGE)) {
            last = page.get(page.size() - 1).key();
            keys.of(tableKeys(page), now).forEach((key, all) -> {
                Entry entry = wanted(key, all, now);
                if (entry != null) {
                    to.accept(key, entry);
                }
            });
        }
    }

    private Entry wanted(String key, SaidFile.Said all, Instant now) {
        if (subjects.never(key)) {
            return null;
        }
        if (counts(all, now) == Counts.ALLOWANCE) {
            String exemption = subjects.exemption(key);
            return exemption == null ? null : new Entry(exemption, all.word().endMillis());
        }
        Wanted block = enforced(key, all, now);
        return block == null ? null : subjects.entry(replies, block);
    }

    /** The block or operator's block that counts for a key; null when none does. */
    private Wanted standing(String key, SaidFile.Said all, Instant now) {
        if (!subjects.enforces(key)) {
            return null;
        }
        return switch (counts(all, now)) {
            case BLOCK -> all.block();
            case OPERATORS_BLOCK -> subjects.operators(all.word(), all.block());
            default -> null;
        };
    }

    private static Counts counts(SaidFile.Said all, Instant now) {
        Wanted block = all.block();
        Wanted word = all.word();
        return OverridePrecedence.of(
                block == null ? null : new OverridePrecedence.Decision(block.at(), block.evidenceAt(), block.endsAt()),
                word == null ? null : new OverridePrecedence.Override(word.verb(), word.at(), word.endsAt()),
                now);
    }

    @Override
    public void close() throws IOException {
        said.close();
    }
}
