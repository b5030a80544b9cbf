package io.postbrake.helm;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The documented keys of values.yaml: a comment that begins with two hyphens stands above its key. */
final class ValuesTable {

    static final String BEGIN = "<!-- values: generated from values.yaml -->\n";
    static final String END = "<!-- end of values -->";

    private static final Pattern KEY = Pattern.compile("^( *)([A-Za-z]\\w*):.*$");
    private static final String COMMENT = "# -- ";

    private ValuesTable() {}

    /** Descriptions by dotted key, in the order of the file. */
    static Map<String, String> described(Path values) throws IOException {
        Map<String, String> result = new LinkedHashMap<>();
        Deque<String> path = new ArrayDeque<>();
        String description = null;
        for (String line : Files.readAllLines(values)) {
            Matcher key = KEY.matcher(line);
            if (line.strip().startsWith(COMMENT)) {
                description = line.strip().substring(COMMENT.length());
            } else if (key.matches()) {
                while (path.size() > key.group(1).length() / 2) {
                    path.removeLast();
                }
                path.addLast(key.group(2));
                if (description != null) {
                    result.put(String.join(".", path), description);
                    description = null;
                }
            }
        }
        return result;
    }

    static String markdown(Path values) throws IOException {
        JsonNode tree = Chart.YAML.readTree(values.toFile());
        StringBuilder table = new StringBuilder(BEGIN).append("| value | default | meaning |\n|---|---|---|\n");
        described(values).forEach((key, text) -> {
            JsonNode value = tree.at("/" + key.replace('.', '/'));
            String shown = value.toString().replace("|", "\\|");
            table.append("| `%s` | `%s` | %s |%n".formatted(key, shown, text));
        });
        return table.append(END).toString();
    }
}
