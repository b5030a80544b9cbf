package io.postbrake.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.finding.Evidence;
import io.postbrake.replay.Decision;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Instant;

/** Writes decisions, one a line: JSON for programs, text for people. */
final class DecisionWriter {

    enum Format {
        jsonl,
        text
    }

    private final PrintWriter out;
    private final Format format;
    private final ObjectMapper json = new ObjectMapper();

    DecisionWriter(PrintWriter out, Format format) {
        this.out = out;
        this.format = format;
    }

    void write(Decision d) {
        out.print(format == Format.text ? text(d) : json(d));
        out.print('\n');
    }

    private static String text(Decision d) {
        return "%s  %-5s  %-9s  %-40s  %-22s  %-8s  %.3f  %s"
                .formatted(
                        d.time(),
                        d.type(),
                        d.subjectType(),
                        Text.plain(d.subject()),
                        d.detector(),
                        d.severity(),
                        d.score(),
                        d.type().equals("block")
                                // Nothing was blocked when these lines were written.
                                ? "would " + Text.plain(d.text()) + " (until " + d.expires() + ")"
                                : Text.plain(d.text()));
    }

    private String json(Decision d) {
        ObjectNode node = json.createObjectNode();
        node.put("time", d.time().toString());
        node.put("type", d.type());
        node.put("subject_type", d.subjectType());
        node.put("subject", d.subject());
        node.put("detector", d.detector());
        node.put("severity", d.severity());
        node.put("expires", d.expires() == null ? null : d.expires().toString());
        node.put("score", d.score());
        ArrayNode evidence = node.putArray("evidence");
        evidence.addObject().put("text", d.text());
        for (Evidence e : d.evidence()) {
            add(evidence.addObject(), e);
        }
        try {
            return json.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(ObjectNode node, Evidence e) {
        node.put("text", e.getText());
        Instant at = e.getOccurredAt();
        put(node, "time", at == null ? null : at.toString());
        put(node, "host", e.getHostId());
        put(node, "queue_id", e.getQueueId());
        put(node, "client_ip", e.getClientIp());
        put(node, "country", e.getCountry());
        put(node, "city", e.getCity());
        if (e.getAsn() != null) {
            node.put("asn", e.getAsn());
        }
        put(node, "network", e.getNetwork());
        if (e.getValue() != null) {
            node.put("value", e.getValue());
        }
        if (e.getLimit() != null) {
            node.put("limit", e.getLimit());
        }
    }

    private static void put(ObjectNode node, String name, String value) {
        if (value != null) {
            node.put(name, value);
        }
    }
}
