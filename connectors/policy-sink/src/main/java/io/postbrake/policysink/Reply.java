package io.postbrake.policysink;

import java.util.Locale;

/** The map's right-hand side: what Postfix answers. */
final class Reply {

    private static final int MAX_TEXT = 120;

    private Reply() {}

    /** The access(5) action of a block. A reference in the text lets log lines confirm the block. */
    static String of(Wanted block) {
        String reference = block.reference() == null ? "operator" : clean(block.reference());
        String text = block.text() == null || block.text().isBlank()
                ? "Sending is suspended for this account; contact your postmaster"
                : clean(block.text());
        String tail = text + " [pb:" + reference + "]";
        return switch (block.action() == null ? "reject" : block.action().toLowerCase(Locale.ROOT)) {
            case "hold" -> "HOLD " + tail;
            case "defer" -> "450 4.7.1 " + tail;
            default -> "REJECT 5.7.1 " + tail;
        };
    }

    /** One bounded line of printable ASCII: no text of anybody's may start another action or entry. */
    private static String clean(String text) {
        var result = new StringBuilder();
        for (int i = 0; i < text.length() && result.length() < MAX_TEXT; i++) {
            char c = text.charAt(i);
            result.append(c >= ' ' && c < 127 && c != '[' && c != ']' ? c : ' ');
        }
        return result.toString().strip();
    }
}
