package io.postbrake.cli.postfix;

import java.util.ArrayList;
import java.util.List;

/** How Postfix parts a value into words: at separators, but never inside braces, however deep (since 3.0). */
final class Words {

    /** What parts the words of lists: CHARS_COMMA_SP of Postfix's source. */
    static final String LIST = ", \t\r\n";

    /** What parts the arguments of a service in master.cf. */
    static final String ARGUMENTS = " \t\r\n";

    /**
     * One word and where it stands.
     *
     * @param start index of its first character
     * @param end index behind its last
     */
    record Word(String text, int start, int end) {}

    private Words() {}

    static List<String> of(String list) {
        return split(list, LIST).stream().map(Word::text).toList();
    }

    static List<Word> split(String text, String separators) {
        List<Word> result = new ArrayList<>();
        int start = -1;
        int depth = 0;
        for (int i = 0; i <= text.length(); i++) {
            boolean end = i == text.length();
            char c = end ? ' ' : text.charAt(i);
            if (end || (depth == 0 && separators.indexOf(c) >= 0)) {
                if (start >= 0) {
                    result.add(new Word(text.substring(start, i), start, i));
                }
                start = -1;
                continue;
            }
            start = start < 0 ? i : start;
            depth = Math.max(0, depth + (c == '{' ? 1 : c == '}' ? -1 : 0));
        }
        return result;
    }

    /** Whether each brace has its other half, in the right order. */
    static boolean paired(String text) {
        return closing(text, -1) == text.length();
    }

    /**
     * Where the brace that opens at {@code open} is closed.
     *
     * @param open index of a brace, or -1 for one that is thought before the text and closed behind its end
     * @return its index; -1 when it is not closed
     */
    static int closing(String text, int open) {
        int depth = open < 0 ? 1 : 0;
        for (int i = Math.max(0, open); i < text.length(); i++) {
            depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        return open < 0 && depth == 1 ? text.length() : -1;
    }
}
