package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.agent.ConnectorSection;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.policyserver.PolicyServerConfig;
import io.postbrake.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/settings.md has every key that a file may have, and no other. */
class SettingsPageTest {

    private static final Path PAGE = Path.of("../../docs/settings.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| ((?:`[a-z.]+`(?:, )?)+) \\|");
    private static final String TLS = "syslog.tls.ssl.";

    @ParameterizedTest
    @ValueSource(strings = {"up", "agent", "detector", "console", "quotas"})
    void theKeysOfAReaderAreOnThePageAndNoOthers(String part) throws IOException {
        Set<String> read = switch (part) {
            case "console" -> console();
            case "quotas" -> new TreeSet<>(PolicyServerConfig.KEYS);
            default -> new TreeSet<>(ConfigFileKind.valueOf(part).keys());
        };

        Matcher rows = ROW.matcher(section(part));
        Set<String> documented = new TreeSet<>();
        while (rows.find()) {
            documented.addAll(List.of(rows.group(1).replace("`", "").split(", ")));
        }

        assertThat(documented).isEqualTo(read);
    }

    /** {@code -Dgolden.update=true} writes the tables anew; look at the difference. */
    @ParameterizedTest
    @EnumSource(ConnectorSection.class)
    void theSettingsOfAConnectorAreOnThePageAsItDefinesThem(ConnectorSection connector) throws IOException {
        String part = connector.name().toLowerCase(Locale.ROOT);
        String table = table(connector.definition());
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(PAGE, Files.readString(PAGE).replace(marked(part, section(part)), marked(part, table)));
        }

        assertThat(section(part)).isEqualTo(table);
    }

    private static Set<String> console() {
        Settings section =
                Settings.of(Map.of("console", Map.of("nobody.reads.this", 1))).collecting();
        var unused = ConsoleConfig.of(section, Map.of());
        String known = section.problems().get(0).replaceAll(".*known are ", "");
        return new TreeSet<>(List.of(known.split(", ")));
    }

    private static String section(String part) throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf("<!-- " + part + " -->\n");
        assertThat(begin).as(part).isPositive();
        begin += part.length() + 10;
        return page.substring(begin, page.indexOf("<!-- end -->", begin));
    }

    private static String marked(String part, String content) {
        return "<!-- " + part + " -->\n" + content + "<!-- end -->";
    }

    private static String table(ConfigDef definition) {
        List<String> rows = new ArrayList<>(List.of("| key | default | meaning |", "|---|---|---|"));
        definition.configKeys().values().stream()
                .filter(key -> !key.name.startsWith(TLS))
                .sorted((a, b) -> a.name.compareTo(b.name))
                .map(key -> "| `" + key.name + "` | " + byDefault(key) + " | " + cell(key.documentation) + " |")
                .forEach(rows::add);
        String tls = definition.names().stream()
                .filter(name -> name.startsWith(TLS))
                .sorted()
                .map(name -> "`" + name + "`")
                .collect(Collectors.joining(", "));
        if (!tls.isEmpty()) {
            rows.add(
                    "| " + tls
                            + " | Kafka's | keys and trust of the listener, as Kafka's clients have them without `syslog.tls.` |");
        }
        return String.join("\n", rows) + "\n";
    }

    private static String byDefault(ConfigDef.ConfigKey key) {
        if (!key.hasDefault()) {
            return "needed";
        }
        if (key.type == ConfigDef.Type.PASSWORD) {
            return "none";
        }
        Object value = key.defaultValue instanceof List<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(", "))
                : key.defaultValue;
        return value == null || value.toString().isEmpty() ? "none" : cell("`" + value + "`");
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
