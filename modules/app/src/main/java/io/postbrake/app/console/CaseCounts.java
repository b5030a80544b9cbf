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
            if (one.open().severity() != null) {
                count(counts, "severity", one.open().severity());
            }
            for (String state : CaseFilter.STATES) {
                if (CaseFilter.isIn(state, one)) {
                    count(counts, "state", state);
                }
            }
            for (String dimension : OpenCase.DIMENSIONS) {
                one.values(dimension).forEach(value -> count(counts, dimension, value));
            }
        }
        return json(counts);
    }

    private static void count(Map<String, Map<String, Integer>> counts, String dimension, String value) {
        counts.computeIfAbsent(dimension, name -> new LinkedHashMap<>()).merge(value, 1, Integer::sum);
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
