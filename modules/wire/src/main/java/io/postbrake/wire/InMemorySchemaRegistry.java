package io.postbrake.wire;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/** A registry inside the process, for topology tests and replays; it enforces compatibility. */
public final class InMemorySchemaRegistry implements SchemaRegistry {
    private final List<Schema> schemas = new ArrayList<>();
    private final TreeMap<String, List<Integer>> versions = new TreeMap<>();
    private final Map<String, String> levels = new HashMap<>();

    @Override
    public synchronized int idOf(String subject, Schema schema) {
        int id = schemas.indexOf(schema) + 1;
        if (id == 0 || !versions.getOrDefault(subject, List.of()).contains(id)) {
            throw new BadRecordException("schema " + schema.getFullName() + " is not registered under " + subject);
        }
        return id;
    }

    @Override
    public synchronized int register(String subject, Schema schema) {
        int id = schemas.indexOf(schema) + 1;
        List<Integer> known = versions.getOrDefault(subject, List.of());
        if (id > 0 && known.contains(id)) {
            return id;
        }
        if (!isCompatible(subject, schema)) {
            throw new BadRecordException("schema " + schema.getFullName() + " is incompatible with " + subject);
        }
        if (id == 0) {
            schemas.add(schema);
            id = schemas.size();
        }
        versions.computeIfAbsent(subject, s -> new ArrayList<>()).add(id);
        return id;
    }

    @Override
    public synchronized Schema schemaById(int id) {
        if (id < 1 || id > schemas.size()) {
            throw new BadRecordException("no schema has id " + id);
        }
        return schemas.get(id - 1);
    }

    @Override
    public synchronized List<String> subjects() {
        return List.copyOf(versions.keySet());
    }

    @Override
    public synchronized void setCompatibility(String subject, String level) {
        levels.put(subject, level);
    }

    @Override
    public synchronized boolean isCompatible(String subject, Schema schema) {
        String level = levels.getOrDefault(subject, "BACKWARD");
        List<Integer> known = versions.getOrDefault(subject, List.of());
        int from = level.endsWith("_TRANSITIVE") ? 0 : Math.max(0, known.size() - 1);
        boolean backward = level.startsWith("BACKWARD") || level.startsWith("FULL");
        boolean forward = level.startsWith("FORWARD") || level.startsWith("FULL");
        for (int id : known.subList(from, known.size())) {
            Schema old = schemaById(id);
            if ((backward && !canRead(schema, old)) || (forward && !canRead(old, schema))) {
                return false;
            }
        }
        return true;
    }

    private static boolean canRead(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                        .getType()
                == SchemaCompatibilityType.COMPATIBLE;
    }
}
