package io.postbrake.postfixlog;

/** A place in a line that only moves to the right, so that later text cannot become an earlier field. */
final class Cursor {

    private final String line;
    private int at;

    Cursor(String line) {
        this.line = line;
    }

    String rest() {
        return line.substring(at);
    }

    boolean done() {
        return at >= line.length();
    }

    boolean peek(char c) {
        return at < line.length() && line.charAt(at) == c;
    }

    void skip(int n) {
        at = Math.min(line.length(), at + n);
    }

    /** Moves behind {@code text} if it stands here. */
    boolean take(String text) {
        if (line.startsWith(text, at)) {
            at += text.length();
            return true;
        }
        return false;
    }

    /** Moves behind the nearer of two texts, or stays. */
    void skipPast(String first, String second) {
        int i = line.indexOf(first, at);
        if (i >= 0 && i - at < 6) {
            at = i + first.length();
            return;
        }
        i = line.indexOf(second, at);
        if (i >= 0 && i - at < 6) {
            at = i + second.length();
        }
    }

    /** The text up to a blank, moving behind it; null at the end. */
    String word() {
        if (done()) {
            return null;
        }
        return until(" ", true);
    }

    /** The text before {@code end}, moving behind it; without one, null, or all the rest when {@code orRest}. */
    String until(String end, boolean orRest) {
        int i = line.indexOf(end, at);
        if (i < 0) {
            if (!orRest) {
                return null;
            }
            String result = line.substring(at);
            at = line.length();
            return result;
        }
        String result = line.substring(at, i);
        at = i + end.length();
        return result;
    }

    /** A whole number of at most 15 digits, or null. */
    static Long number(String s) {
        if (s == null || s.isEmpty() || s.length() > 15) {
            return null;
        }
        long result = 0;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c < '0' || c > '9') {
                return null;
            }
            result = result * 10 + (c - '0');
        }
        return result;
    }

    /** A plain decimal number, or null. */
    static Double decimal(String s) {
        if (s == null || s.isEmpty() || s.length() > 20) {
            return null;
        }
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if ((c < '0' || c > '9') && c != '.') {
                return null;
            }
        }
        try {
            return Double.valueOf(s);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
