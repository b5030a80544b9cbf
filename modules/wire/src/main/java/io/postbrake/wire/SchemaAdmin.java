package io.postbrake.wire;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Registers the catalogue's schemas, or tells what of them a registry lacks. */
public final class SchemaAdmin {
    private final SchemaRegistry registry;

    public SchemaAdmin(SchemaRegistry registry) {
        this.registry = registry;
    }

    /** Sets each subject's compatibility and registers its schema; returns the ids by subject. May be repeated. */
    public Map<String, Integer> register() {
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (Topic<?> topic : Topics.all()) {
            registry.setCompatibility(topic.subject(), topic.compatibility());
            ids.put(topic.subject(), registry.register(topic.subject(), topic.schema()));
        }
        return ids;
    }

    /** What is wrong, one sentence each; empty when the registry has all that is needed. */
    public List<String> check() {
        return check(Topics.all());
    }

    /** The same, of these topics alone. */
    public List<String> check(List<Topic<?>> topics) {
        List<String> problems = new ArrayList<>();
        List<String> subjects = registry.subjects();
        for (Topic<?> topic : topics) {
            if (!subjects.contains(topic.subject())) {
                problems.add("subject " + topic.subject() + " is missing: register the schemas");
                continue;
            }
            try {
                int unused = registry.idOf(topic.subject(), topic.schema());
            } catch (BadRecordException e) {
                problems.add("subject " + topic.subject() + " lacks this version's schema"
                        + (registry.isCompatible(topic.subject(), topic.schema())
                                ? ": register the schemas"
                                : ", and it is incompatible with what is there"));
            }
        }
        return problems;
    }
}
