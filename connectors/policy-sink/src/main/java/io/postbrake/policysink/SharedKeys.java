package io.postbrake.policysink;

import io.postbrake.policysink.SaidFile.Said;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was said of a key of the table, when that is the key of several subjects: logins that Postfix takes for one. The
 * newest word that allows or unblocks one of them counts for all; of what remains the strictest.
 */
final class SharedKeys {

    /** What counts of the words and blocks of one subject. */
    interface Rule {
        /** The block that stands; null when none does. */
        Wanted standing(String tableKey, Said said, Instant now);
    }

    private final SaidFile said;
    private final Subjects subjects;
    private final Rule rule;

    SharedKeys(SaidFile said, Subjects subjects, Rule rule) {
        this.said = said;
        this.subjects = subjects;
        this.rule = rule;
    }

    /** Remembers whose the keys of a subject are; false when one of them has too many subjects. */
    boolean add(String subject) throws IOException {
        boolean added = true;
        for (String key : subjects.keys(subject)) {
            added &= key.equals(subject) || said.other(key, subject);
        }
        return added;
    }

    /** What counts for each of these keys. */
    Map<String, Said> of(Collection<String> tableKeys, Instant now) throws IOException {
        Map<String, Said> result = new HashMap<>(said.of(tableKeys));
        for (String key : tableKeys) {
            List<String> others = said.others(key);
            boolean own = subjects.keys(key).contains(key);
            if (!own || !others.isEmpty()) {
                List<Said> all = new ArrayList<>(said.of(others).values());
                if (own) {
                    all.add(result.get(key));
                }
                result.put(key, joined(key, all, now));
            }
        }
        return result;
    }

    /**
     * The subjects that a key of the table is for, and what was said of each of them.
     *
     * @param all what counts for the key
     */
    List<SaidFile.Subject> behind(String tableKey, Said all) throws IOException {
        boolean own = subjects.keys(tableKey).contains(tableKey);
        List<String> others = said.others(tableKey);
        if (own && others.isEmpty()) {
            return List.of(new SaidFile.Subject(tableKey, all));
        }
        List<String> names = new ArrayList<>(others);
        if (own) {
            names.add(tableKey);
        }
        Map<String, Said> each = said.of(names);
        return names.stream()
                .map(name -> new SaidFile.Subject(name, each.get(name)))
                .toList();
    }

    private Said joined(String key, List<Said> all, Instant now) {
        Wanted freed = all.stream()
                .map(Said::word)
                .filter(word -> word != null && !word.verb().equals("block"))
                .max(Comparator.comparing(Wanted::at))
                .orElse(null);
        return all.stream()
                .map(each -> new Said(each.block(), newer(each.word(), freed)))
                .max(Comparator.comparingInt((Said each) -> strictness(rule.standing(key, each, now)))
                        .thenComparing(each -> end(rule.standing(key, each, now)))
                        .thenComparing(each ->
                                each.word() == null ? Instant.MIN : each.word().at()))
                .orElse(Said.NOTHING);
    }

    private static Wanted newer(Wanted wordOrNull, Wanted freedOrNull) {
        boolean own =
                freedOrNull == null || (wordOrNull != null && wordOrNull.at().isAfter(freedOrNull.at()));
        return own ? wordOrNull : freedOrNull;
    }

    private static int strictness(Wanted blockOrNull) {
        return blockOrNull == null ? -1 : Replies.action(blockOrNull).ordinal();
    }

    private static long end(Wanted blockOrNull) {
        return blockOrNull == null ? Long.MIN_VALUE : blockOrNull.endMillis();
    }
}
