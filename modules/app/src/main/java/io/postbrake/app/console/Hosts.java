package io.postbrake.app.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.block.EnforcementReport;
import io.postbrake.detection.hosts.HostWatch;
import io.postbrake.state.HostsState;
import io.postbrake.state.WatchedHost;
import io.postbrake.streams.DetectorTopology;
import io.postbrake.streams.HostReports;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * Mail hosts and the blocks in their maps. What one host says is spread over the partitions of all instances: each gives its
 * pieces, and {@link #joined} makes hosts or blocks of them.
 */
final class Hosts {

    /** A page that lists all hosts of a block is read by nobody beyond that; the rest is counted. */
    private static final int MOST_NAMED = 100;

    private static final String REFUSAL = "refusal";

    private final Stores stores;

    Hosts(Stores stores) {
        this.stores = stores;
    }

    /** Pieces of what is known of each host; {@code brief}: without its newest refusal and how many blocks it confirmed. */
    ArrayNode all(boolean brief) {
        ArrayNode pieces = JsonNodeFactory.instance.arrayNode();
        each(HostReports.HOST, report -> {
            ObjectNode host = (ObjectNode) AvroJson.of(report);
            host.retain(
                    "hostId",
                    "at",
                    "caughtUp",
                    "blocksInForce",
                    "mapSize",
                    "lastWriteAt",
                    "problem",
                    "queue",
                    "startedAt");
            pieces.add(host);
        });
        if (!brief) {
            refusals(pieces);
        }
        HostsState watched = watchedOrNull();
        if (watched != null) {
            for (WatchedHost host : watched.getHosts()) {
                piece(pieces, host.getHostId()).set("incident", AvroJson.of(host.getIncident()));
            }
        }
        return pieces;
    }

    private void refusals(ArrayNode pieces) {
        each(
                HostReports.REFUSAL,
                report -> piece(pieces, report.getHostId())
                        .putObject(REFUSAL)
                        .put("at", report.getRefusedAt().toString())
                        .put("key", report.getSubjectType() + ":" + report.getSubject()));
        answered()
                .forEach((host, blocks) ->
                        piece(pieces, host).put("told", blocks[0]).put("confirmed", blocks[1]));
    }

    /** Host by host, of how many blocks it told that its map has them, and how many of these it answered with. */
    private Map<String, int[]> answered() {
        Map<String, int[]> hosts = new TreeMap<>();
        each(HostReports.BLOCK, report -> {
            int[] blocks = hosts.computeIfAbsent(report.getHostId(), id -> new int[2]);
            blocks[0]++;
            blocks[1] += report.getRefusedAt() == null ? 0 : 1;
        });
        return hosts;
    }

    /** Pieces of which hosts have blocks of these subjects in their maps. */
    ArrayNode blocks(List<String> subjectKeys) {
        Map<String, ObjectNode> blocks = new TreeMap<>();
        subjectKeys.forEach(key -> each(HostReports.blocksOf(key), report -> count(blocks, report)));
        ArrayNode pieces = JsonNodeFactory.instance.arrayNode();
        blocks.values().forEach(pieces::add);
        return pieces;
    }

    private static void count(Map<String, ObjectNode> blocks, EnforcementReport report) {
        String subject = report.getSubjectType() + ":" + report.getSubject();
        ObjectNode block = blocks.computeIfAbsent(subject + '\0' + report.getBlockId(), id -> {
            ObjectNode first = JsonNodeFactory.instance.objectNode();
            first.put("key", subject);
            first.put("blockId", report.getBlockId());
            first.put("written", 0).put("refused", 0).putArray("hosts");
            return first;
        });
        if (report.getProblem() == null) {
            block.put("written", block.get("written").asInt() + 1);
        }
        if (report.getRefusedAt() != null) {
            block.put("refused", block.get("refused").asInt() + 1);
        }
        ArrayNode hosts = (ArrayNode) block.get("hosts");
        if (hosts.size() < MOST_NAMED) {
            ObjectNode host = (ObjectNode) AvroJson.of(report);
            hosts.add(host.retain(
                    "hostId", "action", "decidedAt", "evidenceAt", "writtenAt", "restored", "refusedAt", "problem"));
        }
    }

    /** Pieces with the same value of {@code name} as one: counts add up, lists are joined, and the newest refusal stands. */
    static ArrayNode joined(JsonNode pieces, String... names) {
        Map<String, ObjectNode> whole = new TreeMap<>();
        for (JsonNode piece : pieces) {
            var id = new StringBuilder();
            for (String name : names) {
                id.append(piece.path(name).asText()).append('\0');
            }
            ObjectNode known = whole.get(id.toString());
            if (known == null) {
                whole.put(id.toString(), piece.deepCopy());
            } else {
                piece.properties().forEach(field -> join(known, field.getKey(), field.getValue()));
            }
        }
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        whole.values().forEach(all::add);
        return all;
    }

    private static void join(ObjectNode known, String field, JsonNode value) {
        JsonNode before = known.get(field);
        if (before instanceof ArrayNode list) {
            value.forEach(list::add);
        } else if (before != null && before.isInt()) {
            known.put(field, before.asInt() + value.asInt());
        } else if (before == null || field.equals(REFUSAL) && isBefore(before, value)) {
            known.set(field, value);
        }
    }

    private static boolean isBefore(JsonNode refusal, JsonNode other) {
        return Instant.parse(refusal.path("at").asText())
                .isBefore(Instant.parse(other.path("at").asText()));
    }

    private void each(String prefix, Consumer<EnforcementReport> reader) {
        try (KeyValueIterator<String, EnforcementReport> all =
                stores.<EnforcementReport>open(HostReports.STORE).prefixScan(prefix, new StringSerializer())) {
            while (all.hasNext()) {
                KeyValue<String, EnforcementReport> entry = all.next();
                reader.accept(entry.value);
            }
        }
    }

    /** Whether the watch over all hosts is here; one instance has it. */
    boolean hasWatch() {
        return watchedOrNull() != null;
    }

    private HostsState watchedOrNull() {
        try {
            return stores.<HostsState>open(DetectorTopology.HOSTS).get(HostWatch.KEY);
        } catch (NotNow e) {
            return null;
        }
    }

    private static ObjectNode piece(ArrayNode pieces, String hostId) {
        return pieces.addObject().put("hostId", hostId);
    }
}
