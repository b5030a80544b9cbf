package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tests that docs/field.md names are there, and each fact has one. */
class FieldPageTest {

    private static final Path ROOT = Path.of("../..");
    private static final Pattern NAMED = Pattern.compile("`([A-Z][A-Za-z0-9]*(?:Test|IT))\\.([a-z][A-Za-z0-9]*)`");

    @Test
    void theTestsThatItNamesAreThere() throws IOException {
        Map<String, String> sources = sources();
        List<String> missing = new ArrayList<>();
        int named = 0;
        Matcher m = NAMED.matcher(page());
        for (; m.find(); named++) {
            if (!sources.getOrDefault(m.group(1), "").contains(" void " + m.group(2) + "(")) {
                missing.add(m.group(1) + "." + m.group(2));
            }
        }

        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(100);
    }

    @Test
    void eachFactHasOne() throws IOException {
        List<String> rows = page().lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| fact"))
                .toList();

        assertThat(rows)
                .hasSizeGreaterThan(50)
                .allMatch(row ->
                        NAMED.matcher(row.substring(row.lastIndexOf(" | "))).find());
    }

    private static String page() throws IOException {
        return Files.readString(ROOT.resolve("docs/field.md"));
    }

    /** The sources of the tests by the names of their classes. */
    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String where : List.of("modules", "connectors")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(where), 12)) {
                for (Path file : (Iterable<Path>) files.filter(
                        f -> f.toString().endsWith(".java") && f.toString().contains("/src/test/java/"))::iterator) {
                    String name = file.getFileName().toString();
                    sources.put(name.substring(0, name.length() - ".java".length()), Files.readString(file));
                }
            }
        }
        return sources;
    }
}
