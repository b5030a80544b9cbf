package io.postbrake.cli;

import java.util.regex.Pattern;

/** The shape of a log line: what stays when names, numbers and addresses are taken out. */
final class LogShape {

    private static final Pattern HEADER = Pattern.compile("^.*?(postfix[^\\[ ]*)\\[\\d+\\]: ");
    private static final Pattern QUEUE_ID = Pattern.compile("\\b(?:[0-9A-F]{6,16}|[0-9B-Zb-z]{10,20})(?=:)");
    private static final Pattern BRACKETS = Pattern.compile("<[^>]*>|\\[[^\\]]*\\]");
    private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.\\d+)*");

    private LogShape() {}

    static String of(String line) {
        String text = HEADER.matcher(line).replaceFirst("$1: ");
        text = QUEUE_ID.matcher(text).replaceFirst("ID");
        text = BRACKETS.matcher(text).replaceAll("<>");
        return Text.plain(NUMBER.matcher(text).replaceAll("N").strip());
    }
}
