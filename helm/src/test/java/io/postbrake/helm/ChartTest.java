package io.postbrake.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.postbrake.wire.Right;
import io.postbrake.wire.Role;
import io.postbrake.wire.TopicAdmin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The chart by Helm itself. {@code -Dgolden.update=true} writes what is generated anew; look at the difference. */
class ChartTest {

    private static final boolean UPDATE = Boolean.getBoolean("golden.update");
    private static final Path MINIMAL = Chart.HOME.resolve("ci/minimal-values.yaml");
    private static final Path VALUES = Chart.HOME.resolve("values.yaml");

    static List<Path> shapes() throws IOException {
        return Chart.shapes();
    }

    @Test
    void lintFindsNothing() {
        LintResult result = new Helm(Chart.HOME).lint().strict().call();

        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void rendersWhatWasAgreedOn(Path values) throws IOException {
        Path golden = Path.of("src/test/resources/golden")
                .resolve(values.getFileName().toString().replace("-values", ""));

        String rendered = Chart.render(values);

        holds(golden, rendered);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void kubernetesKnowsEveryField(Path values) throws IOException {
        List<JsonNode> documents = Chart.documents(Chart.render(values));

        assertThat(documents).hasSizeGreaterThan(4);
        for (JsonNode document : documents) {
            assertThat(StrictFields.unknown(document)).as("%s", document).isEmpty();
        }
    }

    @Test
    void aMisspeltFieldIsFound() throws IOException {
        String rendered =
                Chart.template(Path.of("src/test/resources/charts/misspelt")).call();

        List<JsonNode> documents = Chart.documents(rendered);

        assertThat(StrictFields.unknown(documents.get(0))).containsExactly("Pod.spec.containers[0].readinesProbe");
    }

    @Test
    void theSidecarIsAContainerThatKubernetesKnows() throws IOException {
        String rendered = Chart.render(Chart.HOME.resolve("ci/sidecar-values.yaml"));

        JsonNode snippet = Chart.document(rendered, "ConfigMap", "pb-postbrake-agent-sidecar");

        assertThat(StrictFields.unknownInContainer(
                        snippet.at("/data/container.yaml").asText()))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void whatRunsIsRestrictedButForTheAgentsHostDirectories(Path values) throws IOException {
        Map<String, Set<String>> looser = new TreeMap<>();

        for (JsonNode document : Chart.documents(Chart.render(values))) {
            Set<String> found = PodSecurity.looser(document);
            if (!found.isEmpty()) {
                looser.put(document.at("/metadata/name").asText(), found);
            }
        }

        looser.forEach((name, found) -> {
            assertThat(name).isEqualTo("pb-postbrake-agent");
            assertThat(found)
                    .isSubsetOf(
                            "hostPath state", "hostPath logs", "hostPath map", "root prepare", "adds CHOWN prepare");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "detectr.replicas | 3",
                "detector.replica | 3",
                "agent.mode | deployment",
                "kafka.bootstrapServers | kafka",
                "topics.partitions | 0",
                "registry.url | registry:8081",
                "networkPolicy.kafkaPort | 9092",
                "detector.resources.request.cpu | 1"
            })
    void theSchemaRefusesWhatIsMisspelt(String key, String value) {
        assertThatThrownBy(() -> Chart.template(Chart.HOME)
                        .withValuesFile(MINIMAL)
                        .set(key, value)
                        .call())
                .hasMessageContaining(key.substring(0, key.lastIndexOf('.')).split("\\.")[0]);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kafka.bootstrapServers | '' | kafka.existingSecret",
                "registry.url | '' | Confluent-compatible Schema Registry",
                "kafka.properties.sasl\\.jaas\\.config | x | put it into a Secret",
                "detector.replicas | 13 | more than topics.partitions",
                "detector.replicas | 1 | at most detector.replicas - 1",
                "topics.manage | strimzi | topics.strimzi.cluster",
                "alertSink.enabled | true | URLs of all Alertmanager replicas",
                "geoip.files[0] | a.mmdb | geoip.existingClaim",
                "agent.mode | pods | agent.pods.match",
                "alertSink.settings.http\\.password | x | put it into the Secret",
                "alertSink.receivers.chat.webhook\\.url | https://example.org/secret | webhook.url.file",
                "console.ingress.enabled | true | console.existingSecret",
                "keda.enabled | true | ''"
            })
    void whatMakesNoSenseIsSaidWithWhatToDo(String key, String value, String right) {
        if (right.isEmpty()) {
            assertThat(Chart.template(Chart.HOME)
                            .withValuesFile(MINIMAL)
                            .set(key, value)
                            .call())
                    .contains("ScaledObject");
            return;
        }
        assertThatThrownBy(() -> Chart.template(Chart.HOME)
                        .withValuesFile(MINIMAL)
                        .set(key, value)
                        .call())
                .hasMessageContaining(right);
    }

    @Test
    void aSecretMayBeNamedWhereItMayNotStand() {
        String rendered = Chart.template(Chart.HOME)
                .withValuesFile(MINIMAL)
                .set("alertSink.enabled", "true")
                .set("alertSink.receivers.chat.http\\.bearer\\.token", "${directory:/etc/postbrake/receivers:token}")
                .set("alertSink.receivers.chat.webhook\\.url\\.file", "/etc/postbrake/receivers/url")
                .call();

        assertThat(rendered)
                .contains("http.bearer.token: ${directory:/etc/postbrake/receivers:token}")
                .doesNotContain("alertmanager.urls:");
    }

    @Test
    void everyValueIsDocumentedInTheReadme() throws IOException {
        Path readme = Chart.HOME.resolve("README.md");
        String text = Files.readString(readme);
        int begin = text.indexOf(ValuesTable.BEGIN);
        int end = text.indexOf(ValuesTable.END) + ValuesTable.END.length();

        String expected = text.substring(0, begin) + ValuesTable.markdown(VALUES) + text.substring(end);

        holds(readme, expected);
        assertThat(ValuesTable.described(VALUES).keySet())
                .containsAll(leaves(Chart.YAML.readTree(VALUES.toFile()), ""));
    }

    @Test
    void theSchemaKnowsExactlyTheValues() throws IOException {
        JsonNode values = Chart.YAML.readTree(VALUES.toFile());
        JsonNode schema =
                Chart.YAML.readTree(Chart.HOME.resolve("values.schema.json").toFile());

        ((ObjectNode) schema.path("properties")).remove("global");

        assertThat(schemaLeaves(schema, "")).containsExactlyInAnyOrderElementsOf(allKeys(values, schema, ""));
    }

    @Test
    void strimzisTopicsAreThoseOfTheCatalogue() throws IOException {
        StringBuilder expected = new StringBuilder("# Generated from the topic catalogue; a test compares.\ntopics:\n");
        TopicAdmin.settings(false).forEach((name, config) -> {
            expected.append("  - name: ").append(name).append("\n    config:\n");
            new TreeMap<>(config).forEach((k, v) -> expected.append("      %s: %s%n".formatted(k, v)));
        });

        holds(Chart.HOME.resolve("files/topics.yaml"), expected.toString());
    }

    @Test
    void strimzisUsersHaveTheLeastRightsOfTheirRoles() throws IOException {
        var expected = new StringBuilder("# Generated from the roles of 'postbrake topics acls'; a test compares.\n");
        String detector = "{{ .Values.detector.applicationId }}";
        for (Role role : Role.values()) {
            acls(expected, role.id(), role.rights(new Role.Scope("APPLICATION", null, false, false)), detector);
        }
        acls(
                expected,
                "detector-acting",
                Role.DETECTOR.rights(new Role.Scope("APPLICATION", null, false, true)),
                detector);

        holds(Chart.HOME.resolve("files/acls.yaml"), expected.toString());
    }

    /** As a KafkaUser has them: one entry a resource. */
    private static void acls(StringBuilder text, String role, List<Right> rights, String applicationId) {
        Map<List<String>, List<String>> resources = new LinkedHashMap<>();
        for (Right right : rights) {
            String type = right.resource() == ResourceType.TRANSACTIONAL_ID
                    ? "transactionalId"
                    : right.resource().name().toLowerCase(Locale.ROOT);
            resources
                    .computeIfAbsent(
                            List.of(
                                    type,
                                    right.name().replace("APPLICATION", applicationId),
                                    right.pattern() == PatternType.PREFIXED ? "prefix" : "literal"),
                            key -> new ArrayList<>())
                    .add(right.operationName());
        }
        text.append(role).append(":\n");
        resources.forEach((resource, operations) ->
                text.append("  - resource: {type: %s, name: '%s', patternType: %s}\n    operations: %s\n"
                        .formatted(resource.get(0), resource.get(1), resource.get(2), operations)));
    }

    @Test
    void aKafkaUserOfTheDetectorHasItsOwnNamesAndTheConsolesWordsWhereThatActs() throws IOException {
        String rendered = Chart.template(Chart.HOME)
                .withValuesFile(Chart.HOME.resolve("ci/strimzi-values.yaml"))
                .set("detector.applicationId", "judge")
                .set("console.acting", "true")
                .call();

        JsonNode acls =
                Chart.document(rendered, "KafkaUser", "pb-postbrake-detector").at("/spec/authorization/acls");

        Map<String, String> operations = new TreeMap<>();
        acls.forEach(acl -> operations.put(
                acl.at("/resource/type").asText() + " "
                        + acl.at("/resource/name").asText(),
                acl.path("operations").toString()));
        assertThat(operations)
                .containsEntry("group judge", "[\"Read\"]")
                .containsEntry("transactionalId judge-", "[\"Write\"]")
                .containsEntry("topic abuse.overrides.v1", "[\"Read\",\"Write\"]");
    }

    @Test
    void dashboardsAndRulesAreThoseOfTheRepository() throws IOException {
        holds(
                Chart.HOME.resolve("files/rules.yaml"),
                Files.readString(Path.of("../ops/prometheus/postbrake.rules.yml")));
        try (Stream<Path> dashboards = Files.list(Path.of("../ops/grafana"))) {
            for (Path dashboard : dashboards.toList()) {
                holds(
                        Chart.HOME.resolve("files/dashboards").resolve(dashboard.getFileName()),
                        Files.readString(dashboard));
            }
        }
    }

    private static void holds(Path file, String expected) throws IOException {
        if (UPDATE) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, expected);
        }
        assertThat(file).hasContent(expected);
    }

    private static Set<String> leaves(JsonNode node, String path) {
        Set<String> result = new TreeSet<>();
        if (!node.isObject() || node.isEmpty()) {
            result.add(path);
        } else {
            Set<String> described;
            try {
                described = ValuesTable.described(VALUES).keySet();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            if (described.contains(path)) {
                result.add(path); // A whole example value, such as resources, is described as one.
            } else {
                node.properties()
                        .forEach(e -> result.addAll(
                                leaves(e.getValue(), path.isEmpty() ? e.getKey() : path + "." + e.getKey())));
            }
        }
        return result;
    }

    private static Set<String> schemaLeaves(JsonNode schema, String path) {
        Set<String> result = new TreeSet<>();
        if (schema.path("properties").isObject() && !path.endsWith("resources")) {
            assertThat(schema.path("additionalProperties").asBoolean(true))
                    .as(path)
                    .isFalse();
            schema.path("properties")
                    .properties()
                    .forEach(e -> result.addAll(
                            schemaLeaves(e.getValue(), path.isEmpty() ? e.getKey() : path + "." + e.getKey())));
        } else {
            result.add(path);
        }
        return result;
    }

    private static List<String> allKeys(JsonNode values, JsonNode schema, String path) {
        List<String> result = new ArrayList<>();
        if (schema.path("properties").isObject() && !path.endsWith("resources")) {
            values.properties()
                    .forEach(e -> result.addAll(allKeys(
                            e.getValue(),
                            schema.path("properties").path(e.getKey()),
                            path.isEmpty() ? e.getKey() : path + "." + e.getKey())));
        } else {
            result.add(path);
        }
        return result;
    }
}
