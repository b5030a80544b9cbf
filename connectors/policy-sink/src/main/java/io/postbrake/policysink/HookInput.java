package io.postbrake.policysink;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What the command after a block reads: one JSON object on one line, all of its values text or null. */
final class HookInput {

    private HookInput() {}

    static String json(String event, String subjectKey, Wanted blockOrNull, String hostId, Instant at) {
        int colon = subjectKey.indexOf(':');
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("event", event);
        fields.put("host", hostId.isEmpty() ? null : hostId);
        fields.put("at", at.truncatedTo(ChronoUnit.MILLIS).toString());
        fields.put("subject_type", subjectKey.substring(0, colon));
        fields.put("subject", subjectKey.substring(colon + 1));
        if (blockOrNull != null) {
            fields.put("action", Replies.action(blockOrNull).word());
            fields.put("by", blockOrNull.blockId() == null ? "operator" : "detector");
            fields.put("reference", blockOrNull.reference());
            fields.put("block_id", blockOrNull.blockId());
            fields.put("decided_at", text(blockOrNull.at()));
            fields.put("ends_at", text(blockOrNull.endsAt()));
        }
        return fields.entrySet().stream()
                        .map(field -> quoted(field.getKey()) + ":" + quoted(field.getValue()))
                        .collect(Collectors.joining(",", "{", "}"))
                + "\n";
    }

    private static String text(Instant atOrNull) {
        return atOrNull == null ? null : atOrNull.toString();
    }

    /** A string of RFC 8259, in ASCII alone. */
    private static String quoted(String textOrNull) {
        if (textOrNull == null) {
            return "null";
        }
        var out = new StringBuilder("\"");
        for (char c : textOrNull.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
