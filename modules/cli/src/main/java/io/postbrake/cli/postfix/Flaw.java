package io.postbrake.cli.postfix;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Something that keeps blocks from being enforced, or mail from being safe.
 *
 * @param grade how bad it is
 * @param where main.cf or a service of master.cf
 * @param what what is so, and what follows from it
 * @param then what would be right
 */
record Flaw(Grade grade, String where, String what, String then) {

    enum Grade {
        /** Blocks are not enforced, or a way round them is open. */
        MISSING,
        /** It works, but somebody could be let in, or everybody kept out. */
        DANGEROUS,
        /** Worth knowing; nothing is wrong. */
        NOTE
    }

    static Flaw missing(String where, String what, String then) {
        return new Flaw(Grade.MISSING, where, what, then);
    }

    static Flaw dangerous(String where, String what, String then) {
        return new Flaw(Grade.DANGEROUS, where, what, then);
    }

    static Flaw note(String where, String what, String then) {
        return new Flaw(Grade.NOTE, where, what, then);
    }

    /** Worst first; the same fact of several places is one. */
    static List<Flaw> grouped(Collection<Flaw> flaws) {
        Map<Flaw, Set<String>> places = new LinkedHashMap<>();
        for (Flaw flaw : flaws) {
            places.computeIfAbsent(new Flaw(flaw.grade, "", flaw.what, flaw.then), f -> new LinkedHashSet<>())
                    .add(flaw.where);
        }
        return places.entrySet().stream()
                .map(e -> new Flaw(e.getKey().grade, String.join("; ", e.getValue()), e.getKey().what, e.getKey().then))
                .sorted(Comparator.comparing(Flaw::grade))
                .toList();
    }

    static boolean anyBad(List<Flaw> flaws) {
        return flaws.stream().anyMatch(f -> f.grade() != Grade.NOTE);
    }
}
