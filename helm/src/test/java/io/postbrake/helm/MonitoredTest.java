package io.postbrake.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alerts fire on what the monitors of the chart make of its pods: labels are computed as Prometheus relabels. */
class MonitoredTest {

    private static final Path PROMTOOL = Path.of("/usr/bin/promtool");

    @TempDir
    private Path dir;

    private final List<JsonNode> documents;

    MonitoredTest() throws IOException {
        documents = Chart.documents(Chart.render(Chart.HOME.resolve("ci/production-values.yaml")));
    }

    @Test
    void aDetectorAnAgentOrASinkThatIsDownFiresItsAlertAndNoOther() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(PROMTOOL), "no promtool here");
        JsonNode rules = of("PrometheusRule").get(0).path("spec");
        Files.writeString(dir.resolve("rules.yml"), Chart.YAML.writeValueAsString(rules));
        var test = new StringBuilder("rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n");
        for (String kind : List.of("StatefulSet", "DaemonSet", "Deployment")) {
            for (JsonNode workload : of(kind)) {
                boolean detector = kind.equals("StatefulSet");
                test.append("""
                          - interval: 1m
                            input_series: [{series: 'up%s', values: '0x30'}]
                            promql_expr_test:
                              - expr: 'count by (alertname) (ALERTS{alertstate="firing", alertname=~"Postbrake(Detector|Agent)Down"})'
                                eval_time: 20m
                                exp_samples: [{labels: '{alertname="%s"}', value: 1}]
                        """.formatted(
                                labels(workload.at("/spec/template/metadata/labels")),
                                detector ? "PostbrakeDetectorDown" : "PostbrakeAgentDown"));
            }
        }
        Path file = Files.writeString(dir.resolve("rules.test.yml"), test);

        Process promtool = new ProcessBuilder(PROMTOOL.toString(), "test", "rules", file.toString())
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .start();

        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor()).as("%s\n%s", said, test).isZero();
        assertThat(test.toString().split("promql_expr_test")).hasSize(4);
    }

    private List<JsonNode> of(String kind) {
        return documents.stream()
                .filter(document -> document.path("kind").asText().equals(kind))
                .toList();
    }

    /** Labels of a target, as the monitor of the chart makes them of a pod with {@code podLabels}. */
    private String labels(JsonNode podLabels) {
        JsonNode monitor = of("PodMonitor").get(0);
        monitor.at("/spec/selector/matchLabels")
                .properties()
                .forEach(wanted -> assertThat(podLabels.path(wanted.getKey())).isEqualTo(wanted.getValue()));
        Map<String, String> meta = new TreeMap<>();
        podLabels
                .properties()
                .forEach(label -> meta.put(
                        "__meta_kubernetes_pod_label_" + label.getKey().replaceAll("[^A-Za-z0-9_]", "_"),
                        label.getValue().asText()));
        meta.put("__meta_kubernetes_pod_node_name", "node-1");
        // As Prometheus Operator does before the monitor's own relabelings.
        meta.put("job", "mail/" + monitor.at("/metadata/name").asText());
        meta.put("namespace", "mail");
        for (JsonNode step : monitor.at("/spec/podMetricsEndpoints/0/relabelings")) {
            List<String> sources = new ArrayList<>();
            step.path("sourceLabels").forEach(name -> sources.add(meta.getOrDefault(name.asText(), "")));
            Matcher found = Pattern.compile(step.path("regex").asText("(.*)")).matcher(String.join(";", sources));
            if (found.matches()) {
                meta.put(
                        step.path("targetLabel").asText(),
                        found.replaceFirst(step.path("replacement").asText("$1")));
            }
        }
        var text = new StringBuilder("{");
        meta.forEach((name, value) -> {
            if (!name.startsWith("__")) {
                text.append(text.length() == 1 ? "" : ", ").append(name + "=\"" + value + "\"");
            }
        });
        return text.append("}").toString();
    }
}
