package io.postbrake.policysink;

import java.util.Map;

/** What Postfix answers: the access(5) action of a block, with a text for a person and a reference for the log. */
final class Replies {

    private static final int MAX_TEXT = 160;
    private static final int MAX_REFERENCE = 40;

    private final Map<Action, String> texts;

    Replies(Map<Action, String> texts) {
        this.texts = Map.copyOf(texts);
    }

    /** The reply of a block. The reference lets log lines confirm it. */
    Entry of(Wanted block) {
        Action action = Action.of(block.action());
        String own = clean(block.text() == null ? "" : block.text(), MAX_TEXT);
        String text = own.isEmpty() ? clean(texts.get(action), MAX_TEXT) : own;
        String reference = block.reference() == null ? "operator" : clean(block.reference(), MAX_REFERENCE);
        return new Entry(action.verb() + " " + text + " [pb:" + reference + "]", block.endMillis());
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
