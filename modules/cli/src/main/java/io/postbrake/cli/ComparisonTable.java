package io.postbrake.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** What a second configuration changes against a first: totals, then each subject that is treated otherwise. */
final class ComparisonTable {
    private static final String ROW = "%-45s  %-40s  %-40s%n";

    private ComparisonTable() {}

    static void print(Outcome a, Outcome b, PrintWriter out) {
        out.printf(ROW, "", Text.plain(a.name), Text.plain(b.name));
        out.printf(ROW, "alerts", a.alerts(), b.alerts());
        out.printf(ROW, "blocks", a.blocks(), b.blocks());
        out.printf(ROW, "subjects blocked", a.blockedSubjects(), b.blockedSubjects());
        out.printf(ROW, "hours blocked", hours(a), hours(b));
        out.println();
        Set<String> subjects = new TreeSet<>(a.subjects.keySet());
        subjects.addAll(b.subjects.keySet());
        int changed = 0;
        for (String subject : subjects) {
            String before = words(a, subject);
            String after = words(b, subject);
            if (!before.equals(after)) {
                out.printf(ROW, Text.plain(subject), before, after);
                changed++;
            }
        }
        out.printf("%d of %d subjects are treated otherwise%n", changed, subjects.size());
    }

    private static String words(Outcome o, String subject) {
        Outcome.Subject s = o.subjects.get(subject);
        return s == null ? "nothing" : s.inWords();
    }

    private static String hours(Outcome o) {
        return String.format(Locale.ROOT, "%.1f", o.blockedHours());
    }
}
