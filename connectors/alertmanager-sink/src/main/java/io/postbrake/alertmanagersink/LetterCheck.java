package io.postbrake.alertmanagersink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.samskivert.mustache.MustacheException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/** Writes a trial incident at the start, so that a wrong template does not come to light in the night of the theft. */
record LetterCheck(Webhook.Letter letter) {

    private static final List<String> TEXTS = List.of(
            "incidentId",
            "subject",
            "subjectType",
            "state",
            "severity",
            "title",
            "summary",
            "short",
            "brief",
            "headline",
            "description",
            "class",
            "action",
            "reference",
            "blockId",
            "technique",
            "attack",
            "hosts",
            "runbook",
            "console",
            "resolution",
            "resolvedBy");
    private static final List<String> TIMES =
            List.of("startedAt", "updatedAt", "endedAt", "actionUntil", "actionSince", "lastEvidenceAt");
    private static final List<String> EVIDENCE = List.of(
            "line",
            "text",
            "hostId",
            "queueId",
            "clientIp",
            "country",
            "city",
            "network",
            "sourceId",
            "eventTopic",
            "occurredAt",
            "asn",
            "generation",
            "position",
            "eventPartition",
            "eventOffset",
            "value",
            "limit");

    void check(String contentType) {
        for (boolean resolved : new boolean[] {false, true}) {
            Incident trial = trial(resolved);
            uri(trial);
            String body = body(trial);
            if (contentType.toLowerCase(java.util.Locale.ROOT).contains("json")) {
                json(body);
            }
        }
    }

    private void uri(Incident trial) {
        boolean right;
        try {
            URI uri = letter.uri(trial);
            right = List.of("http", "https").contains(String.valueOf(uri.getScheme())) && uri.getHost() != null;
        } catch (MustacheException | IllegalArgumentException e) {
            right = false;
        }
        if (!right) { // The address itself may be a secret.
            throw new ConfigException(WebhookSettings.URL + " must give an http or https address");
        }
    }

    private String body(Incident trial) {
        try {
            return letter.text(trial);
        } catch (MustacheException e) {
            throw new ConfigException(WebhookSettings.TEMPLATE + " names what no incident has: " + e.getMessage());
        }
    }

    private static void json(String body) {
        try {
            var unused = new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(body);
        } catch (JsonProcessingException e) {
            throw new ConfigException(WebhookSettings.TEMPLATE + " does not give JSON: " + e.getOriginalMessage());
        }
    }

    private static Incident trial(boolean resolved) {
        Instant now = Instant.EPOCH;
        Map<String, Object> fields = new HashMap<>();
        TEXTS.forEach(name -> fields.put(name, name + " \"\\\n"));
        TIMES.forEach(name -> fields.put(name, now.toString()));
        fields.put("severity", "critical");
        fields.put("critical", true);
        fields.put("revision", 1L);
        fields.put("score", 0.5);
        fields.put("resolved", resolved);
        fields.put("event", resolved ? "resolve" : "trigger");
        fields.put("detectors", List.of("velocity-ceiling"));
        fields.put("attacks", pieces(List.of("techniqueId", "techniqueName", "tacticId", "tacticName")));
        fields.put("confirmedHosts", pieces(List.of("hostId", "refusedAt")));
        fields.put("evidence", pieces(EVIDENCE));
        return new Incident("trial", resolved, "critical", now, now, now, fields);
    }

    private static List<Object> pieces(List<String> names) {
        Map<String, Object> piece = new HashMap<>();
        names.forEach(name -> piece.put(name, name + " \"\\\n"));
        return new ArrayList<>(List.of(piece, new HashMap<>(piece)));
    }
}
