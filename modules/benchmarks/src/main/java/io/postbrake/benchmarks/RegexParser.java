package io.postbrake.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The usual way to read a Postfix log, to compare with: the fields of the shapes of {@link LogMix}, by patterns. */
final class RegexParser {

    private static final Pattern HEADER = Pattern.compile(
            "^(\\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d) (\\S+) postfix/(\\S+?)\\[(\\d+)\\]: (?:([0-9A-F]{6,12}|NOQUEUE):"
                    + " )?(.*)$");

    /** The shapes, the frequent ones first. */
    private static final List<Pattern> SHAPES = List.of(
            Pattern.compile("^connect from (\\S+)\\[([^\\]]+)\\]$"),
            Pattern.compile("^disconnect from (\\S+)\\[([^\\]]+)\\](?: (.*))?$"),
            Pattern.compile("^from=<([^>]*)>, size=(\\d+), nrcpt=(\\d+) \\(queue active\\)$"),
            Pattern.compile("^to=<([^>]*)>, (?:orig_to=<([^>]*)>, )?relay=([^,]+), (?:conn_use=(\\d+), )?delay=([^,]+),"
                    + " delays=([^,]+), dsn=([^,]+), status=(\\S+) \\((.*)\\)$"),
            Pattern.compile("^message-id=<?(.*?)>?$"),
            Pattern.compile("^removed$"),
            Pattern.compile("^client=(\\S+)\\[([^\\]]+)\\](?:, sasl_method=([^,]+), sasl_username=(.*))?$"),
            Pattern.compile("^(\\w+) TLS connection established from (\\S+)\\[([^\\]]+)\\]: (\\S+) with cipher (\\S+)"),
            Pattern.compile("^warning: (\\S+)\\[([^\\]]+)\\]: SASL (\\S+) authentication failed: (.*?)(?:,"
                    + " sasl_username=(.*))?$"),
            Pattern.compile("^lost connection after (\\S+) from (\\S+)\\[([^\\]]+)\\]$"),
            Pattern.compile(
                    "^reject: (\\S+) from (\\S+)\\[([^\\]]+)\\]: (\\d{3}) (\\S+) (.*); from=<([^>]*)> to=<([^>]*)>"
                            + " proto=(\\S+) helo=<([^>]*)>$"),
            Pattern.compile("^warning: hostname (\\S+) does not resolve to address (\\S+?)(?:: (.*))?$"),
            Pattern.compile("^([A-Z ]+?) (?:\\d+ after [\\d.]+ )?(?:from )?\\[([^\\]]+)\\]:(\\d+)(.*)$"),
            Pattern.compile("^statistics: (.*) for \\((\\S+):(\\S+)\\) at (.*)$"),
            Pattern.compile("^connect to (\\S+)\\[([^\\]]+)\\]:(\\d+): (.*)$"),
            Pattern.compile("^uid=(\\d+) from=<(.*)>$"));

    /** The fields of the line, null when it has no known shape. */
    List<String> parse(String line) {
        Matcher header = HEADER.matcher(line);
        if (!header.matches()) {
            return null;
        }
        List<String> fields = new ArrayList<>(16);
        for (int i = 1; i <= 5; i++) {
            fields.add(header.group(i));
        }
        String text = header.group(6);
        for (Pattern shape : SHAPES) {
            Matcher matcher = shape.matcher(text);
            if (matcher.find()) {
                for (int i = 1; i <= matcher.groupCount(); i++) {
                    fields.add(matcher.group(i));
                }
                return fields;
            }
        }
        return null;
    }
}
