package io.postbrake.helm;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Fields that Kubernetes does not know. Its model classes keep what they do not know aside, so whatever is found there is
 * misspelt or at the wrong place. Kinds without a model class are held against the fields of their own documentation.
 */
final class StrictFields {

    /** docs: strimzi.io KafkaTopic v1beta2 and keda.sh ScaledObject v1alpha1. */
    private static final Map<String, Set<String>> OTHERS = Map.of(
            "KafkaTopic", Set.of("spec", "spec.partitions", "spec.replicas", "spec.config", "spec.topicName"),
            "KafkaUser",
                    Set.of(
                            "spec",
                            "spec.authentication",
                            "spec.authentication.type",
                            "spec.authorization",
                            "spec.authorization.type",
                            "spec.authorization.acls",
                            "spec.authorization.acls.resource",
                            "spec.authorization.acls.resource.type",
                            "spec.authorization.acls.resource.name",
                            "spec.authorization.acls.resource.patternType",
                            "spec.authorization.acls.operations"),
            "ScaledObject",
                    Set.of(
                            "spec",
                            "spec.scaleTargetRef",
                            "spec.scaleTargetRef.apiVersion",
                            "spec.scaleTargetRef.kind",
                            "spec.scaleTargetRef.name",
                            "spec.minReplicaCount",
                            "spec.maxReplicaCount",
                            "spec.cooldownPeriod",
                            "spec.pollingInterval",
                            "spec.triggers",
                            "spec.triggers.type",
                            "spec.triggers.metadata",
                            "spec.triggers.authenticationRef",
                            "spec.triggers.authenticationRef.name"));

    private static final Set<String> OPEN = Set.of("spec.config", "spec.triggers.metadata");

    private StrictFields() {}

    static Set<String> unknown(JsonNode document) {
        String kind = document.path("kind").asText();
        Set<String> found = new TreeSet<>();
        if (OTHERS.containsKey(kind)) {
            walk(document.path("spec"), "spec", OTHERS.get(kind), found);
            return found;
        }
        Object model = Serialization.unmarshal(document.toString(), HasMetadata.class);
        if (model.getClass().getSimpleName().equals("GenericKubernetesResource")) {
            return Set.of("no model for " + kind);
        }
        walk(model, kind, new IdentityHashMap<>(), found);
        return found;
    }

    static Set<String> unknownInContainer(String yaml) {
        Set<String> found = new TreeSet<>();
        walk(Serialization.unmarshal(yaml, Container.class), "Container", new IdentityHashMap<>(), found);
        return found;
    }

    private static void walk(JsonNode node, String path, Set<String> known, Set<String> found) {
        if (!known.contains(path)) {
            found.add(path);
        } else if (!OPEN.contains(path)) {
            if (node.isArray()) {
                node.forEach(each -> fields(each, path, known, found));
            } else {
                fields(node, path, known, found);
            }
        }
    }

    private static void fields(JsonNode node, String path, Set<String> known, Set<String> found) {
        node.properties().forEach(e -> walk(e.getValue(), path + "." + e.getKey(), known, found));
    }

    private static void walk(Object value, String path, Map<Object, Boolean> seen, Set<String> found) {
        if (value == null || seen.put(value, true) != null) {
            return;
        }
        if (value instanceof Collection<?> all) {
            int i = 0;
            for (Object each : all) {
                walk(each, path + "[" + i++ + "]", seen, found);
            }
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((k, v) -> walk(v, path + "." + k, seen, found));
        } else if (value.getClass().getName().startsWith("io.fabric8.")) {
            for (Field field : fieldsOf(value.getClass())) {
                Object inside = get(field, value);
                if (field.getName().equals("additionalProperties")) {
                    if (inside instanceof Map<?, ?> extra) {
                        extra.keySet().forEach(key -> found.add(path + "." + key));
                    }
                } else {
                    walk(inside, path + "." + field.getName(), seen, found);
                }
            }
        }
    }

    private static List<Field> fieldsOf(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> c = type; c != Object.class; c = c.getSuperclass()) {
            for (Field field : c.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    fields.add(field);
                }
            }
        }
        return fields;
    }

    private static Object get(Field field, Object of) {
        try {
            field.setAccessible(true);
            return field.get(of);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
