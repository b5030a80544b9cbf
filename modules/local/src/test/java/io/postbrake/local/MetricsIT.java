package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.policysink.PolicyMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What operations sees: rules and dashboards against a real Prometheus that scrapes a real stack. */
@Timeout(180)
class MetricsIT {

    private static final Path OPS = Path.of("../../ops");
    private static final Path RULES = OPS.resolve("prometheus/postbrake.rules.yml");
    private static final Path RULE_TESTS = OPS.resolve("prometheus/postbrake.rules.test.yml");
    private static final Pattern NAME = Pattern.compile("\\b(postbrake|kafka|jvm|process|system)_[a-z0-9_]+");

    @TempDir
    private Path dir;

    @Test
    void promtoolAgreesWithRulesTheirTestsAndTheConfiguration() throws Exception {
        Prometheus.needed();

        Prometheus.promtool(OPS.resolve("prometheus"), "check", "rules", "postbrake.rules.yml");
        Prometheus.promtool(OPS.resolve("prometheus"), "test", "rules", "postbrake.rules.test.yml");
        Prometheus.promtool(OPS.resolve("prometheus"), "check", "config", "prometheus.yml");
    }

    @Test
    void everyAlertHasARunbookAndATestInWhichItFires() throws IOException {
        JsonNode tests = yaml(RULE_TESTS).path("tests");
        Set<String> fires = new TreeSet<>();
        for (JsonNode test : tests) {
            for (JsonNode expected : test.path("alert_rule_test")) {
                if (!expected.path("exp_alerts").isEmpty()) {
                    fires.add(expected.path("alertname").asText());
                }
            }
        }

        for (JsonNode rule : rules()) {
            String name = rule.path("alert").asText();
            assertThat(fires).contains(name);
            String runbook = rule.path("annotations").path("runbook_url").asText();
            assertThat(Path.of("../..").resolve(runbook))
                    .as(name)
                    .isRegularFile()
                    .content()
                    .contains(name);
        }
    }

    @Test
    void everyMetricOfARuleOrDashboardIsInALiveScrapeAndNoPanelIsEmpty() throws Exception {
        Prometheus.needed();
        var mx1 = new LocalConfig.Host("mx1", Files.createFile(dir.resolve("mx1.log")), dir.resolve("mx1.lmdb"));
        var mx2 = new LocalConfig.Host("mx2", Files.createFile(dir.resolve("mx2.log")), dir.resolve("mx2.lmdb"));
        Path list = Files.writeString(dir.resolve("list.txt"), "203.0.113.0/24\n");
        var config = new LocalConfig(
                List.of(mx1, mx2),
                dir.resolve("data"),
                0,
                0,
                null,
                0,
                ConsoleConfig.off(),
                List.of(),
                List.of(list.toString()),
                DetectionConfig.defaults(),
                Duration.ZERO,
                Map.of(),
                null);
        try (LocalStack stack = LocalStack.start(config, part -> {});
                var prometheus = Prometheus.scraping(stack.httpPort(), List.of(RULES), dir)) {
            Operator.awaits("the detector runs", stack::ready);
            Thief.steals(mx1.log(), 60);
            Operator.awaits(
                    "the thief is refused",
                    () -> PolicyMap.read(mx1.map(), Thief.ACCOUNT).isPresent());
            Operator.unblocks(stack, Thief.ACCOUNT);
            System.gc(); // The pauses of the collector are shown from the first on.

            Operator.awaits(
                    "the release is in a scrape",
                    () -> prometheus
                                    .query("postbrake_blocks_ended_total{cause=\"unblock\"} == 1 and on()"
                                            + " postbrake_line_to_decision_seconds_count{since=\"read\"} > 0")
                                    .size()
                            == 1);
            Operator.awaits(
                    "a second scrape",
                    () -> prometheus
                                    .query("rate(postbrake_overrides_total[1m])")
                                    .size()
                            > 0);

            assertThat(prometheus.health()).as(prometheus.lastError()).isEqualTo("up");
            List<String> scraped = prometheus.names();
            for (Path file : files()) {
                assertThat(scraped).as(file.toString()).containsAll(namesIn(file));
            }
            for (JsonNode rule : rules()) {
                prometheus.query(rule.path("expr").asText()); // It fails by itself.
            }
            for (String expression : panels()) {
                assertThat(prometheus.query(expression)).as(expression).isNotEmpty();
            }
            assertThat(prometheus.query("{__name__=~\".+\"}").toString())
                    .as("no tag names a user")
                    .doesNotContain(Thief.ACCOUNT)
                    .doesNotContain("201.91.101.26");
        }
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> dashboards = Files.list(OPS.resolve("grafana"))) {
            return Stream.concat(
                            Stream.of(RULES),
                            dashboards.filter(f -> f.toString().endsWith(".json")))
                    .toList();
        }
    }

    private static Set<String> namesIn(Path file) throws IOException {
        Set<String> names = new TreeSet<>();
        String text = file.equals(RULES)
                ? String.join(
                        "\n",
                        rules().stream().map(rule -> rule.path("expr").asText()).toList())
                : Files.readString(file);
        Matcher matcher = NAME.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }

    private static List<JsonNode> rules() throws IOException {
        List<JsonNode> rules = new ArrayList<>();
        yaml(RULES).path("groups").forEach(group -> group.path("rules").forEach(rules::add));
        return rules;
    }

    /** Expressions of all panels, with what Grafana puts in. */
    private static List<String> panels() throws IOException {
        List<String> all = new ArrayList<>();
        for (Path file : files()) {
            if (!file.equals(RULES)) {
                for (JsonNode expression :
                        new ObjectMapper().readTree(file.toFile()).findValues("expr")) {
                    all.add(expression
                            .asText()
                            .replace("$__rate_interval", "1m")
                            .replace("$instance", ".*"));
                }
            }
        }
        return all;
    }

    private static JsonNode yaml(Path file) throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(file.toFile());
    }
}
