package io.postbrake.alertmanagersink;

import io.postbrake.mail.PlainText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One mail of any number of incidents: counts in the subject, the worst first, evidence in the detectors' own words. */
final class PostmasterLetter {

    private static final int SHOWN = 30;
    private static final int EVIDENCE_SHOWN = 5;
    private static final int LONGEST = 500;
    private static final String INDENT = "    ";

    private final Wording words;

    PostmasterLetter(Wording words) {
        this.words = words;
    }

    /** Our own words and counts alone: no name, which a stranger may have chosen. */
    String subject(List<Incident> incidents) {
        return "[Postbrake] " + counts(incidents);
    }

    String text(List<Incident> incidents, long open, long minutes) {
        List<Incident> sorted = incidents.stream()
                .sorted(Comparator.comparing(Incident::resolved)
                        .thenComparing(i -> -Incident.SEVERITIES.indexOf(i.severity()))
                        .thenComparing(i -> !News.stopped(i))
                        .thenComparing(Incident::startedAt))
                .toList();
        var text = new StringBuilder(counts(incidents)).append(".\n");
        sorted.stream().limit(SHOWN).forEach(i -> entry(text, i));
        if (sorted.size() > SHOWN) {
            text.append('\n').append(words.say("more", sorted.size() - SHOWN)).append('\n');
        }
        return text.append("\n-- \n")
                .append(words.say("open", open))
                .append('\n')
                .append(words.say("pace", minutes))
                .append('\n')
                .append(words.say("strangers"))
                .append('\n')
                .toString();
    }

    private String counts(List<Incident> incidents) {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (String kind : List.of("stopped", "suspected", "addresses", "senders", "hosts", "fleet", "over")) {
            counts.put(
                    kind, incidents.stream().filter(i -> kind(i).equals(kind)).count());
        }
        return counts.entrySet().stream()
                .filter(each -> each.getValue() > 0)
                .map(each -> words.say("count." + each.getKey(), each.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String kind(Incident i) {
        if (i.resolved()) {
            return "over";
        }
        return switch (i.text("subjectType")) {
            case "sasl_user" -> News.stopped(i) ? "stopped" : "suspected";
            case "local_user", "relay_sender" -> "senders";
            case "host", "auth_server", "front_end" -> "hosts";
            case "fleet" -> "fleet";
            default -> "addresses";
        };
    }

    private void entry(StringBuilder text, Incident i) {
        String type = i.text("subjectType");
        String name = PlainText.of(i.text("subject"), LONGEST);
        text.append("\n* ")
                .append(words.say("type." + type, name))
                .append(" (")
                .append(words.say("severity." + i.severity()))
                .append(")\n");
        line(
                text,
                words.say(i.resolved() ? "over" : "since", words.minute(i.resolved() ? i.endedAt() : i.startedAt())));
        line(text, PlainText.of(i.text("description"), LONGEST));
        if (!i.resolved()) {
            line(text, action(i));
            next(i, type).forEach(each -> line(text, words.say(each)));
        }
        if (!i.text("hosts").isEmpty()) {
            line(text, words.say("confirmed", PlainText.of(i.text("hosts"), LONGEST)));
        }
        evidence(text, i);
        if (!i.text("console").isEmpty()) {
            line(text, words.say("console", i.text("console")));
        }
        if (!i.text("runbook").isEmpty()) {
            line(text, words.say("runbook", i.text("runbook")));
        }
    }

    private String action(Incident i) {
        String until = i.text("actionUntil");
        return News.stopped(i) && !until.isEmpty()
                ? words.say("action." + i.text("action"), words.minute(Instant.parse(until)))
                : words.say(i.text("dryRunAction").isEmpty() ? "action.observe" : "action.watched");
    }

    private static List<String> next(Incident i, String type) {
        return switch (type) {
            case "sasl_user" ->
                List.of("next.account."
                        + switch (i.text("action")) {
                            case "hold" -> "hold";
                            case "defer", "reject" -> "refused";
                            default -> "observe";
                        });
            case "local_user", "relay_sender" -> List.of("next.sender");
            case "client_ip", "client_net" -> News.stopped(i) ? List.of("next.address.blocked") : List.of();
            default -> List.of();
        };
    }

    private void evidence(StringBuilder text, Incident i) {
        List<String> lines = new ArrayList<>();
        if (i.fields().get("evidence") instanceof List<?> pieces) {
            pieces.forEach(p -> lines.add(p instanceof Map<?, ?> piece ? String.valueOf(piece.get("line")) : ""));
        }
        if (!lines.isEmpty() && !i.resolved()) {
            line(text, words.say("evidence"));
            // The newest: what the decision rests on.
            lines.subList(Math.max(0, lines.size() - EVIDENCE_SHOWN), lines.size())
                    .forEach(each -> line(text, "  " + PlainText.of(each, LONGEST)));
        }
    }

    private static void line(StringBuilder text, String line) {
        text.append(INDENT).append(line).append('\n');
    }
}
