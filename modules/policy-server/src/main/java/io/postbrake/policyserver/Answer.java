package io.postbrake.policyserver;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What Postfix is told: an action of access(5) in one line. */
final class Answer {

    /** Nothing is known against it; other restrictions decide. */
    static final String PASS = "DUNNO";

    /** What to give for an answer. */
    static final String RIGHT =
            "DEFER_IF_PERMIT, DEFER, REJECT, HOLD, WARN or a code such as 450, and a text behind it if you"
                    + " like, in printable ASCII";

    private static final List<String> ACTIONS = List.of("DEFER_IF_PERMIT", "DEFER", "REJECT", "HOLD", "WARN");
    private static final Pattern CODE = Pattern.compile("[45][0-9][0-9]");
    private static final Pattern LINE = Pattern.compile("[ -~]{1,400}");

    private Answer() {}

    /**
     * An action for what is beyond a ceiling.
     *
     * @throws IllegalArgumentException when Postfix would not understand it
     */
    static String parse(String text) {
        String stripped = text.strip();
        String word = stripped.split(" ", 2)[0];
        if (!LINE.matcher(stripped).matches()
                || !(ACTIONS.contains(word.toUpperCase(Locale.ROOT))
                        || CODE.matcher(word).matches())) {
            throw new IllegalArgumentException(text);
        }
        return stripped;
    }

    /** The same, where passing is one as well. */
    static String parseFallback(String text) {
        return text.strip().equalsIgnoreCase(PASS) ? PASS : parse(text);
    }

    /** As the protocol has it. */
    static byte[] bytes(String action) {
        return ("action=" + action + "\n\n").getBytes(StandardCharsets.US_ASCII);
    }
}
