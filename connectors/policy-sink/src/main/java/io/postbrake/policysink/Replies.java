package io.postbrake.policysink;

import io.postbrake.subject.BlockAction;
import java.util.Locale;
import java.util.Map;

/** What Postfix answers: the access(5) action of a block, with a text for a person and a reference for the log. */
final class Replies {

    private static final int MAX_TEXT = 160;
    private static final int MAX_REFERENCE = 40;

    private final Map<BlockAction, String> texts;

    Replies(Map<BlockAction, String> texts) {
        this.texts = Map.copyOf(texts);
    }

    /** The reply of a block. The reference lets log lines confirm it. */
    Entry of(Wanted block) {
        BlockAction action = action(block);
        String own = clean(block.text() == null ? "" : block.text(), MAX_TEXT);
        String text = own.isEmpty() ? clean(texts.get(action), MAX_TEXT) : own;
        String reference = block.reference() == null ? "operator" : clean(block.reference(), MAX_REFERENCE);
        return new Entry(verb(action) + " " + text + " [pb:" + reference + "]", block.endMillis());
    }

    /** What the block does. An action that is not known is as strict as a block may be without hanging up. */
    static BlockAction action(Wanted block) {
        String word = block.action() == null ? "" : block.action().toLowerCase(Locale.ROOT);
        return BlockAction.of(word).orElse(BlockAction.REJECT);
    }

    /** Postfix's word or code for it. */
    static String verb(BlockAction action) {
        return switch (action) {
            case HOLD -> "HOLD";
            case DEFER -> "450 4.7.1";
            case REJECT -> "REJECT 5.7.1";
            // A refused session would go on trying. Postfix hangs up for 421 only.
            case DISCONNECT -> "421 4.7.1";
        };
    }

    /** What the client reads unless a block or the configuration says otherwise. */
    static String usualText(BlockAction action) {
        return switch (action) {
            case HOLD -> "This message waits for your postmaster";
            case DEFER -> "Sending is suspended for now; contact your postmaster";
            case REJECT, DISCONNECT -> "Sending is suspended; contact your postmaster";
        };
    }

    /** One bounded line of printable ASCII: no text of anybody's may start another action, entry or reference. */
    private static String clean(String text, int most) {
        var result = new StringBuilder();
        for (int i = 0; i < text.length() && result.length() < most; i++) {
            char c = text.charAt(i);
            result.append(c >= ' ' && c < 127 && c != '[' && c != ']' ? c : ' ');
        }
        return result.toString().strip();
    }
}
