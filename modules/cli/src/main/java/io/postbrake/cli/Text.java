package io.postbrake.cli;

/** Text for a terminal. */
final class Text {

    private Text() {}

    /** {@code s} without control characters: log text must not steer a terminal. */
    static String plain(String s) {
        return s == null ? "" : s.replaceAll("\\p{Cntrl}", "?");
    }
}
