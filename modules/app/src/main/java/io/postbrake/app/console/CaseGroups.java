package io.postbrake.app.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Cases by what they have in common: a mass event is many cases from one network, or of one domain, with one detector, in one
 * hour. A case with two detectors is in the groups of both.
 */
final class CaseGroups {

    private static final int MOST = 100;
    private static final Comparator<ObjectNode> LARGEST_FIRST = Comparator.comparingInt(
                    (ObjectNode group) -> group.path("total").asInt())
            .reversed()
            .thenComparing(group -> group.path("of").toString());

    private CaseGroups() {}

    /** The largest groups by these dimensions; none when there is no dimension. A case without a value of one is in no group. */
    static ArrayNode of(List<OpenCase> cases, List<String> by) {
        Map<List<String>, ObjectNode> groups = new LinkedHashMap<>();
        if (!by.isEmpty()) {
            for (OpenCase one : cases) {
                for (List<String> id : ids(one, by)) {
                    add(groups.computeIfAbsent(id, values -> empty(by, values)), one);
                }
            }
        }
        return largest(groups);
    }

    private static List<List<String>> ids(OpenCase one, List<String> by) {
        List<List<String>> ids = List.of(List.of());
        for (String dimension : by) {
            List<List<String>> longer = new ArrayList<>();
            for (List<String> id : ids) {
                for (String value : one.values(dimension)) {
                    List<String> next = new ArrayList<>(id);
                    next.add(value);
                    longer.add(next);
                }
            }
            ids = longer;
        }
        return ids;
    }

    private static ObjectNode empty(List<String> by, List<String> values) {
        ObjectNode group = JsonNodeFactory.instance.objectNode();
        ObjectNode of = group.putObject("of");
        for (int i = 0; i < by.size(); i++) {
            of.put(by.get(i), values.get(i));
        }
        return group.put("total", 0).put("critical", 0).put("fresh", 0).put("unblocked", 0);
    }

    private static void add(ObjectNode group, OpenCase one) {
        increase(group, "total", 1);
        increase(group, "critical", "critical".equals(one.open().severity()) ? 1 : 0);
        increase(group, "fresh", CaseFilter.isIn("fresh", one) ? 1 : 0);
        increase(group, "unblocked", CaseFilter.isIn("unblocked", one) ? 1 : 0);
    }

    /** Of several instances. */
    static ArrayNode sum(Stream<JsonNode> answers) {
        Map<List<String>, ObjectNode> groups = new LinkedHashMap<>();
        answers.forEach(answer -> answer.forEach(group -> {
            List<String> id = new ArrayList<>();
            group.path("of").forEach(value -> id.add(value.asText()));
            ObjectNode known = groups.get(id);
            if (known == null) {
                groups.put(id, group.deepCopy());
            } else {
                List.of("total", "critical", "fresh", "unblocked")
                        .forEach(count ->
                                increase(known, count, group.path(count).asInt()));
            }
        }));
        return largest(groups);
    }

    private static void increase(ObjectNode group, String count, int by) {
        group.put(count, group.path(count).asInt() + by);
    }

    private static ArrayNode largest(Map<List<String>, ObjectNode> groups) {
        ArrayNode largest = JsonNodeFactory.instance.arrayNode();
        groups.values().stream().sorted(LARGEST_FIRST).limit(MOST).forEach(largest::add);
        return largest;
    }
}
