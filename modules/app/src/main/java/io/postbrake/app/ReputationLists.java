package io.postbrake.app;

import io.postbrake.geo.AddressLists;
import io.postbrake.settings.Settings;
import java.util.List;

/** Lists of addresses with a reputation that a configuration file names. */
public final class ReputationLists {

    /** The key in files of up and of a detector. */
    public static final String KEY = "reputation.lists";

    private ReputationLists() {}

    /** The lists of {@code settings}, each read: one that says nothing is as wrong as a key that nobody knows. */
    public static List<String> of(Settings settings) {
        List<String> lists = named(settings);
        try {
            AddressLists.open(lists);
        } catch (IllegalArgumentException e) {
            settings.problem(KEY + ": " + e.getMessage());
        }
        return lists;
    }

    /** The same, unread. */
    public static List<String> named(Settings settings) {
        return settings.has(KEY)
                ? settings.oneOrMore(KEY, "paths of lists, such as hosting:/etc/postbrake/lists/hosting.txt")
                : List.of();
    }
}
