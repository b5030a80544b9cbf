package io.postbrake.cli.postfix;

import java.util.ArrayList;
import java.util.List;

/** The text of a list of restrictions, with our checks put before it or taken out; every other character stays. */
final class RestrictionText {

    /** A check of one of our tables. */
    record Check(String name, String table) {

        String text() {
            return name + " " + table;
        }

        private boolean is(String word, String argument) {
            return word.equalsIgnoreCase(name) && (argument.equals(table) || argument.equals("proxy:" + table));
        }
    }

    private RestrictionText() {}

    /** The checks, then what the list has beside them. */
    static String with(List<Check> checks, String list) {
        List<String> parts = new ArrayList<>(checks.stream().map(Check::text).toList());
        String rest = without(checks, list);
        if (!rest.isEmpty()) {
            parts.add(rest);
        }
        return String.join(", ", parts);
    }

    /** The list without these checks, and without a {@code warn_if_reject} that would pass to the restriction behind. */
    static String without(List<Check> checks, String list) {
        List<Words.Word> words = Words.split(list, Words.LIST);
        var result = new StringBuilder();
        int kept = 0;
        int from = 0;
        for (int i = 0; i < words.size(); i++) {
            int length = ours(checks, words, i);
            if (length == 0) {
                // The argument of something else is none of our business, whatever it says.
                i += Restrictions.takesArgument(words.get(i).text()) ? 1 : 0;
                continue;
            }
            int first = i;
            while (first > from && words.get(first - 1).text().equalsIgnoreCase("warn_if_reject")) {
                first--;
            }
            result.append(list, kept, words.get(first).start());
            from = i + length;
            kept = from < words.size() ? words.get(from).start() : list.length();
            i = from - 1;
        }
        result.append(list.substring(kept));
        return trimmed(result.toString());
    }

    /** How many words from {@code i} on are one of these checks, with its name or as a bare table; 0 for none. */
    private static int ours(List<Check> checks, List<Words.Word> words, int i) {
        String word = words.get(i).text();
        String argument = i + 1 < words.size() ? words.get(i + 1).text() : "";
        if (checks.stream().anyMatch(c -> c.is(word, argument))) {
            return 2;
        }
        return checks.stream().anyMatch(c -> c.is(c.name(), word)) ? 1 : 0;
    }

    /** A list may not begin with a comma for whoever reads it; what parts words at the ends says nothing. */
    private static String trimmed(String list) {
        List<Words.Word> words = Words.split(list, Words.LIST);
        return words.isEmpty()
                ? ""
                : list.substring(
                        words.get(0).start(), words.get(words.size() - 1).end());
    }
}
