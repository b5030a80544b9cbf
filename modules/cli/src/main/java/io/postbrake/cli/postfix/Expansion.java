package io.postbrake.cli.postfix;

import java.math.BigInteger;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * What {@code $name}, {@code ${name}}, {@code ${name?{a}:{b}}}, {@code ${name:text}} and {@code ${{a} == {b} ? {c} : {d}}} of
 * a configuration stand for (postconf(5)). A reference that is not written right stays as it is.
 */
final class Expansion {

    private static final int DEEPEST = 20;
    /** More than any real list needs: names that double themselves would not end otherwise. */
    private static final int MOST = 10_000;

    private static final Map<String, IntPredicate> COMPARISONS = Map.of(
            "==", n -> n == 0,
            "!=", n -> n != 0,
            "<", n -> n < 0,
            "<=", n -> n <= 0,
            ">", n -> n > 0,
            ">=", n -> n >= 0);

    /** Raw value of a name; empty for an unknown one. */
    private final Function<String, String> raw;

    private int references;

    Expansion(Function<String, String> raw) {
        this.raw = raw;
    }

    String of(String text) {
        references = 0;
        return expanded(text, DEEPEST);
    }

    private String expanded(String text, int depth) {
        if (depth == 0 || references > MOST || text.indexOf('$') < 0) {
            return text;
        }
        var result = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c != '$' || i + 1 == text.length()) {
                result.append(c);
                i++;
            } else if (text.charAt(i + 1) == '$') {
                result.append('$');
                i += 2;
            } else {
                i = reference(text, i, depth, result);
            }
        }
        return result.toString();
    }

    /** Appends what the reference at {@code dollar} stands for; where to go on. */
    private int reference(String text, int dollar, int depth, StringBuilder into) {
        references++;
        char open = text.charAt(dollar + 1);
        if (open == '{' || open == '(') {
            int close = open == '{' ? Words.closing(text, dollar + 1) : text.indexOf(')', dollar);
            if (close > 0) {
                into.append(inside(text.substring(dollar + 2, close), depth));
                return close + 1;
            }
        }
        int end = dollar + 1 + nameLength(text.substring(dollar + 1));
        if (end > dollar + 1) {
            into.append(value(text.substring(dollar + 1, end), depth));
            return end;
        }
        into.append('$');
        return dollar + 1;
    }

    private String value(String name, int depth) {
        return expanded(raw.apply(name), depth - 1);
    }

    private String inside(String text, int depth) {
        String body = text.strip();
        if (body.startsWith("{")) {
            return relation(body, depth);
        }
        String name = body.substring(0, nameLength(body));
        String rest = body.substring(name.length()).strip();
        if (rest.isEmpty()) {
            return value(name, depth);
        }
        return chosen(rest, !value(name, depth).isEmpty(), depth);
    }

    /** {@code {a} == {b} ? {c} : {d}}; without a choice, a relation that holds is not empty. */
    private String relation(String body, int depth) {
        int first = Words.closing(body, 0);
        int second = first < 0 ? -1 : body.indexOf('{', first);
        int end = second < 0 ? -1 : Words.closing(body, second);
        if (end < 0) {
            return "";
        }
        String left = expanded(body.substring(1, first).strip(), depth - 1);
        String right = expanded(body.substring(second + 1, end).strip(), depth - 1);
        String operator = body.substring(first + 1, second).strip();
        boolean levels = operator.endsWith("level");
        IntPredicate holds =
                COMPARISONS.getOrDefault(levels ? operator.substring(0, operator.length() - 5) : operator, n -> false);
        boolean yes = holds.test(levels ? comparedLevels(left, right) : compared(left, right));
        String rest = body.substring(end + 1).strip();
        return rest.isEmpty() ? (yes ? "true" : "") : chosen(rest, yes, depth);
    }

    private static int compared(String left, String right) {
        String a = left.isEmpty() ? "0" : left;
        boolean numbers = a.chars().allMatch(Character::isDigit)
                && !right.isEmpty()
                && right.chars().allMatch(Character::isDigit);
        return numbers ? new BigInteger(a).compareTo(new BigInteger(right)) : left.compareTo(right);
    }

    /** Compatibility levels, such as 3.6 and 3.10, since 3.6. */
    private static int comparedLevels(String left, String right) {
        String[] a = left.split("\\.");
        String[] b = right.split("\\.");
        for (int i = 0; i < Math.max(a.length, b.length); i++) {
            int order = compared(i < a.length ? a[i] : "0", i < b.length ? b[i] : "0");
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /** {@code ?text}, {@code :text}, or {@code ?{a}:{b}}. */
    private String chosen(String rest, boolean there, int depth) {
        char kind = rest.charAt(0);
        String text = rest.substring(1).strip();
        if (kind == ':') {
            return there ? "" : expanded(plain(text), depth - 1);
        }
        if (kind != '?') {
            return "";
        }
        int close = text.startsWith("{") ? Words.closing(text, 0) : -1;
        String then = close < 0 ? text : text.substring(1, close);
        String no = close < 0 ? "" : text.substring(close + 1).strip();
        String other = no.startsWith(":") ? plain(no.substring(1).strip()) : "";
        return expanded(there ? then : other, depth - 1);
    }

    private static String plain(String text) {
        boolean braced = text.startsWith("{") && Words.closing(text, 0) == text.length() - 1;
        return braced ? text.substring(1, text.length() - 1) : text;
    }

    private static int nameLength(String text) {
        int i = 0;
        while (i < text.length()
                && (Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '_')
                && text.charAt(i) < 128) {
            i++;
        }
        return i;
    }
}
