package io.postbrake.app.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How many cases there are of each sort: what a filter can be set to, and what many have in common. */
final class CaseCounts {

    /** So many values of a dimension are counted by name, the commonest. */
    private static final int MOST = 30;

    private CaseCounts() {}

    static ObjectNode of(List<OpenCase> cases) {
        Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();
        for (OpenCase one : cases) {
            count(
                    counts,
                    "severity",
                    one.open().severity() == null
                            ? List.of()
                            : List.of(one.open().severity()));
            count(
                    counts,
                    "state",
                    CaseFilter.STATES.stream()
                            .filter(state -> CaseFilter.isIn(state, one))
                            .toList());
            OpenCase.DIMENSIONS.forEach(dimension -> count(counts, dimension, one.values(dimension)));
        }
        return json(counts);
    }

    private static void count(Map<String, Map<String, Integer>> counts, String dimension, List<String> values) {
        Map<String, Integer> of = counts.computeIfAbsent(dimension, name -> new LinkedHashMap<>());
        values.forEach(value -> of.merge(value, 1, Integer::sum));
    }

    /** Of several instances; what is rare on one of them may be missing from its counts, never what is common. */
    static ObjectNode sum(Stream<JsonNode> answers) {
        Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();
        answers.forEach(answer -> answer.properties().forEach(dimension -> {
            Map<String, Integer> of = counts.computeIfAbsent(dimension.getKey(), name -> new LinkedHashMap<>());
            dimension
                    .getValue()
                    .properties()
                    .forEach(value -> of.merge(value.getKey(), value.getValue().asInt(), Integer::sum));
        }));
        return json(counts);
    }

    private static ObjectNode json(Map<String, Map<String, Integer>> counts) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        counts.forEach((dimension, values) -> {
            ObjectNode of = node.putObject(dimension);
            values.entrySet().stream()
                    .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                            .thenComparing(Map.Entry.comparingByKey()))
                    .limit(MOST)
                    .forEach(value -> of.put(value.getKey(), value.getValue()));
        });
        return node;
    }
}
