package io.postbrake.cli;

/** Text for a terminal. */
final class Text {

    private Text() {}

    /** {@code s} without control and direction characters: log text must not steer a terminal. */
    static String plain(String s) {
        return s == null ? "" : s.replaceAll("[\\p{Cntrl}\\p{Cf}\\u0080-\\u009f\\u2028\\u2029]", "?");
    }

    /** {@code s} in at most {@code width} columns. */
    static String cut(String s, int width) {
        return s.length() <= width ? s : s.substring(0, Math.max(0, width - 3)) + "...";
    }
}
