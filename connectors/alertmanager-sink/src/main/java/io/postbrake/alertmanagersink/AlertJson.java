package io.postbrake.alertmanagersink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An incident as Alertmanager's API version 2 takes it. Labels say which incident it is and never change, since other
 * labels would be another alert; all that changes is in annotations.
 */
final class AlertJson {

    static final int LONGEST_LABEL = 256;
    private static final int LONGEST_ANNOTATION = 4096;

    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, String> extraLabels;

    AlertJson(Map<String, String> extraLabels) {
        this.extraLabels = extraLabels;
    }

    ObjectNode alert(Incident i, Instant startsAt, Instant endsAt) {
        ObjectNode alert = json.createObjectNode();
        ObjectNode labels = alert.putObject("labels");
        extraLabels.forEach((name, value) -> put(labels, name, value, LONGEST_LABEL));
        put(labels, "alertname", kind(i.text("subjectType")), LONGEST_LABEL);
        put(labels, "incident", i.id(), LONGEST_LABEL);
        put(labels, "subject", i.text("subject"), LONGEST_LABEL);
        put(labels, "subject_type", i.text("subjectType"), LONGEST_LABEL);
        ObjectNode notes = alert.putObject("annotations");
        put(notes, "summary", i.text("title"), LONGEST_ANNOTATION);
        put(notes, "description", i.text("description"), LONGEST_ANNOTATION);
        put(notes, "severity", i.severity(), LONGEST_ANNOTATION);
        put(notes, "state", i.text("state"), LONGEST_ANNOTATION);
        put(notes, "revision", i.text("revision"), LONGEST_ANNOTATION);
        put(notes, "score", i.text("score"), LONGEST_ANNOTATION);
        put(notes, "action", i.text("action"), LONGEST_ANNOTATION);
        put(notes, "action_until", i.text("actionUntil"), LONGEST_ANNOTATION);
        put(notes, "block_reference", i.text("reference"), LONGEST_ANNOTATION);
        put(notes, "detectors", i.text("class"), LONGEST_ANNOTATION);
        put(notes, "attack", i.text("attack"), LONGEST_ANNOTATION);
        put(notes, "hosts_confirmed", i.text("hosts"), LONGEST_ANNOTATION);
        put(notes, "evidence", evidence(i), LONGEST_ANNOTATION);
        put(notes, "runbook_url", i.text("runbook"), LONGEST_ANNOTATION);
        put(notes, "console_url", i.text("console"), LONGEST_ANNOTATION);
        put(alert, "generatorURL", i.text("console"), LONGEST_ANNOTATION);
        alert.put("startsAt", startsAt.toString());
        alert.put("endsAt", endsAt.toString());
        return alert;
    }

    private static String kind(String subjectType) {
        return switch (subjectType) {
            case "sasl_user" -> "PostbrakeStolenAccount";
            case "fleet" -> "PostbrakeFleet";
            case "host" -> "PostbrakeHost";
            case "local_user", "relay_sender" -> "PostbrakeSenderWithoutLogin";
            case "auth_server" -> "PostbrakeLoginsFail";
            case "front_end" -> "PostbrakeClientsHidden";
            default -> "PostbrakeAbusiveClient";
        };
    }

    String batch(List<ObjectNode> alerts) {
        try {
            return json.writeValueAsString(alerts);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String evidence(Incident i) {
        return i.fields().get("evidence") instanceof List<?> pieces
                ? pieces.stream()
                        .map(p -> p instanceof Map<?, ?> piece ? String.valueOf(piece.get("line")) : "")
                        .collect(Collectors.joining("\n"))
                : "";
    }

    /** Alertmanager takes an empty value for an absent one. */
    private static void put(ObjectNode node, String name, String value, int longest) {
        if (!value.isEmpty()) {
            node.put(name, value.length() > longest ? value.substring(0, longest) : value);
        }
    }
}
