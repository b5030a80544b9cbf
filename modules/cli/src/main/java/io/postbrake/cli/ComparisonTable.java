package io.postbrake.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** What a second configuration changes against a first: totals, then each subject that is treated otherwise. */
final class ComparisonTable {

    private ComparisonTable() {}

    static void print(Outcome a, Outcome b, PrintWriter out) {
        var table = new Table();
        table.row("", a.name, b.name);
        table.row("alerts", a.alerts(), b.alerts());
        table.row("blocks", a.blocks(), b.blocks());
        table.row("subjects blocked", a.blockedSubjects(), b.blockedSubjects());
        table.row("hours blocked", hours(a), hours(b));
        table.row();
        Set<String> subjects = new TreeSet<>(a.subjects.keySet());
        subjects.addAll(b.subjects.keySet());
        int changed = 0;
        for (String subject : subjects) {
            String before = words(a, subject);
            String after = words(b, subject);
            if (!before.equals(after)) {
                table.row(subject, before, after);
                changed++;
            }
        }
        table.lines().forEach(out::println);
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
