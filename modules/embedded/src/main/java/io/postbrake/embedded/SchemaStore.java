package io.postbrake.embedded;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.embedded.EmbeddedRegistry.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaCompatibility.SchemaPairCompatibility;

/** Subjects, versions and ids; every change is on disk before it is answered. */
final class SchemaStore {
    private static final Set<String> LEVELS = Set.of(
            "NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private Content content;

    private SchemaStore(Path file, Content content) {
        this.file = file;
        this.content = content;
    }

    static SchemaStore open(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Files.createDirectories(absolute.getParent());
        Content content = Files.exists(absolute)
                ? JSON.readValue(Files.readAllBytes(absolute), Content.class)
                : new Content(List.of(), new TreeMap<>(), "BACKWARD", new TreeMap<>());
        return new SchemaStore(absolute, content);
    }

    synchronized List<String> subjects() {
        return List.copyOf(content.versions().keySet());
    }

    synchronized List<Integer> versions(String subject) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 1; i <= idsOf(subject).size(); i++) {
            numbers.add(i);
        }
        return numbers;
    }

    synchronized Map<String, Object> version(String subject, String version) {
        List<Integer> ids = idsOf(subject);
        int number = versionNumber(version, ids.size());
        int id = ids.get(number - 1);
        return Map.of("subject", subject, "version", number, "id", id, "schema", schemaById(id));
    }

    synchronized Map<String, Object> lookUp(String subject, Schema schema) {
        int at = idsOf(subject).indexOf(idOf(schema));
        if (at < 0) {
            throw new Refusal(40403, "Schema not found");
        }
        return version(subject, Integer.toString(at + 1));
    }

    synchronized String schemaById(int id) {
        if (id < 1 || id > content.schemas().size()) {
            throw new Refusal(40403, "Schema " + id + " not found");
        }
        return content.schemas().get(id - 1);
    }

    synchronized int register(String subject, Schema schema) throws IOException {
        List<Integer> ids = content.versions().getOrDefault(subject, List.of());
        int id = idOf(schema);
        if (ids.contains(id)) {
            return id;
        }
        List<String> problems = incompatibilities(subject, null, schema);
        if (!problems.isEmpty()) {
            throw new Refusal(409, "Schema being registered is incompatible with an earlier schema: " + problems);
        }
        List<String> schemas = new ArrayList<>(content.schemas());
        if (id == 0) {
            schemas.add(schema.toString());
            id = schemas.size();
        }
        List<Integer> newIds = new ArrayList<>(ids);
        newIds.add(id);
        TreeMap<String, List<Integer>> versions = new TreeMap<>(content.versions());
        versions.put(subject, newIds);
        save(new Content(schemas, versions, content.level(), content.levels()));
        return id;
    }

    synchronized String level(String subject) {
        return subject == null ? content.level() : content.levels().getOrDefault(subject, content.level());
    }

    synchronized void setLevel(String subject, String level) throws IOException {
        if (!LEVELS.contains(level)) {
            throw new Refusal(42203, "Invalid compatibility level; right would be one of " + LEVELS);
        }
        if (subject == null) {
            save(new Content(content.schemas(), content.versions(), level, content.levels()));
        } else if (!level.equals(content.levels().get(subject))) {
            TreeMap<String, String> levels = new TreeMap<>(content.levels());
            levels.put(subject, level);
            save(new Content(content.schemas(), content.versions(), content.level(), levels));
        }
    }

    /** Against one version, or with null against all that the subject's level names. */
    synchronized List<String> incompatibilities(String subject, String version, Schema schema) {
        List<Integer> ids = content.versions().getOrDefault(subject, List.of());
        String level = level(subject);
        List<Integer> against = ids;
        if (ids.isEmpty() || level.equals("NONE")) {
            return List.of();
        } else if (version != null && !version.equals("latest")) {
            int number = versionNumber(version, ids.size());
            against = ids.subList(number - 1, number);
        } else if (version != null || !level.endsWith("_TRANSITIVE")) {
            against = ids.subList(ids.size() - 1, ids.size());
        }
        List<String> problems = new ArrayList<>();
        for (int id : against) {
            Schema old = new Schema.Parser().parse(schemaById(id));
            if (level.startsWith("BACKWARD") || level.startsWith("FULL")) {
                addProblems(problems, schema, old);
            }
            if (level.startsWith("FORWARD") || level.startsWith("FULL")) {
                addProblems(problems, old, schema);
            }
        }
        return problems;
    }

    private static void addProblems(List<String> problems, Schema reader, Schema writer) {
        SchemaPairCompatibility pair = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
        if (pair.getType() != SchemaCompatibilityType.COMPATIBLE) {
            pair.getResult().getIncompatibilities().forEach(i -> problems.add(i.getType() + " at " + i.getLocation()));
        }
    }

    private List<Integer> idsOf(String subject) {
        List<Integer> ids = content.versions().get(subject);
        if (ids == null) {
            throw new Refusal(40401, "Subject not found");
        }
        return ids;
    }

    private int idOf(Schema schema) {
        return content.schemas().indexOf(schema.toString()) + 1;
    }

    private static int versionNumber(String text, int newest) {
        if (text.equals("latest") || text.equals("-1")) {
            return newest;
        }
        int number;
        try {
            number = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new Refusal(42202, "The version is neither a number nor latest");
        }
        if (number < 1 || number > newest) {
            throw new Refusal(40402, "Version not found");
        }
        return number;
    }

    private void save(Content changed) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(changed));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
        content = changed;
    }

    /** What the file holds; a schema's id is its place in the list, from 1. */
    private record Content(
            List<String> schemas,
            TreeMap<String, List<Integer>> versions,
            String level,
            TreeMap<String, String> levels) {}
}
