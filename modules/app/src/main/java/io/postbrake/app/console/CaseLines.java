package io.postbrake.app.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.alert.Alert;
import io.postbrake.alert.HeldMail;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.state.SubjectState;
import java.util.List;

/** What a list says of a subject: as much as fits a line. Its page has the rest. */
final class CaseLines {

    private static final int MOST_HOSTS = 5;

    private final Notes notes;

    CaseLines(Notes notes) {
        this.notes = notes;
    }

    ObjectNode of(String key, SubjectState state) {
        ObjectNode line = JsonNodeFactory.instance.objectNode().put("key", key);
        Alert incident = state.getIncident();
        if (incident != null) {
            line.set("incident", incident(incident, state.getBlock()));
        }
        if (state.getBlock() != null) {
            line.set("block", block(state.getBlock()));
        }
        OperatorOverride word = state.getWord();
        if (word != null) {
            ObjectNode said = (ObjectNode) AvroJson.of(word);
            line.set("word", said.retain("verb", "action", "actor", "reason", "at", "endsAt"));
        }
        List<OperatorOverride> noted = notes.of(key);
        if (!noted.isEmpty()) {
            OperatorOverride newest = noted.get(0);
            line.putObject("note")
                    .put("count", noted.size())
                    .put("actor", newest.getActor())
                    .put("text", newest.getReason())
                    .put("at", newest.getAt().toString());
        }
        OperatorOverride acknowledged = incident == null ? null : notes.acknowledged(key, incident.getStartedAt());
        if (acknowledged != null) {
            line.putObject("acknowledged")
                    .put("actor", acknowledged.getActor())
                    .put("at", acknowledged.getAt().toString());
        }
        return line;
    }

    private static ObjectNode incident(Alert incident, Block blockOrNull) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("severity", incident.getSeverity());
        node.put("startedAt", incident.getStartedAt().toString());
        node.put("score", Math.round(incident.getScore() * 1000) / 1000.0);
        node.put("because", because(incident, blockOrNull));
        ArrayNode detectors = node.putArray("detectors");
        incident.getDetectors().forEach(detectors::add);
        ArrayNode hosts = node.putArray("refusedOn");
        incident.getConfirmedHosts().stream().limit(MOST_HOSTS).forEach(host -> hosts.add(host.getHostId()));
        node.put("refusedHosts", incident.getConfirmedHosts().size());
        node.put(
                "held",
                incident.getHeldMail().stream().mapToLong(HeldMail::getHeld).sum());
        return node;
    }

    /** What began it, and what the block was decided on. */
    private static String because(Alert incident, Block blockOrNull) {
        String first = incident.getEvidence().isEmpty()
                ? incident.getDescription()
                : incident.getEvidence().get(0).getText();
        String reason = blockOrNull == null ? first : blockOrNull.getReason();
        return first.contains(reason) ? first : first + " · " + reason;
    }

    private static ObjectNode block(Block block) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("action", block.getAction())
                .put("endsAt", block.getEndsAt().toString())
                .put("reference", block.getReference())
                .put("reason", block.getReason())
                .put("blockId", block.getBlockId().toString());
    }
}
