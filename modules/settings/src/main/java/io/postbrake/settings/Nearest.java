package io.postbrake.settings;

import java.util.Collection;

/** The key that somebody meant who wrote another one. */
public final class Nearest {

    private Nearest() {}

    /** "did you mean KEY? " when one of {@code known} is near {@code key}, otherwise nothing. */
    public static String hint(String key, Collection<String> known) {
        String best = null;
        int least = 1 + key.length() / 4;
        for (String each : known) {
            int distance = each.endsWith("." + key) ? 0 : distance(each, key);
            if (distance <= least) {
                least = distance - 1;
                best = each;
            }
        }
        return best == null ? "" : "did you mean " + best + "? ";
    }

    /** Levenshtein, Binary codes capable of correcting deletions, insertions and reversals, 1966. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
