package io.postbrake.subject;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a block does to its subject's mail, the mildest first. Topics, options and tables have each by its word. */
public enum BlockAction {
    /** Mail is taken and waits. */
    HOLD(true),
    /** Mail is refused for a while. */
    DEFER(true),
    /** Mail is refused. */
    REJECT(true),
    /** Mail is refused and the session ends. */
    DISCONNECT(false);

    private static final List<String> WORDS =
            Arrays.stream(values()).map(BlockAction::word).toList();

    private final boolean decided;
    private final String word = name().toLowerCase(Locale.ROOT);

    BlockAction(boolean decided) {
        this.decided = decided;
    }

    public String word() {
        return word;
    }

    /** Whether the detection decides on it; the others are an operator's to say. */
    public boolean decided() {
        return decided;
    }

    /** All of them by their words, the mildest first. */
    public static List<String> words() {
        return WORDS;
    }

    /** The one with this word; empty for null and for a word that is none of them. */
    public static Optional<BlockAction> of(String word) {
        for (BlockAction action : values()) {
            if (action.word.equals(word)) {
                return Optional.of(action);
            }
        }
        return Optional.empty();
    }

    /** 1 for the mildest, and so on; 0 for a word that is none of them. */
    public static int rank(String word) {
        return WORDS.indexOf(word) + 1;
    }
}
