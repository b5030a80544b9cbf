package io.postbrake.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The chart as a user renders it. */
final class Chart {

    static final Path HOME = Path.of("postbrake");
    static final String KUBE_VERSION = "1.30.0";
    static final ObjectMapper YAML = new YAMLMapper();

    private Chart() {}

    static List<Path> shapes() throws IOException {
        try (Stream<Path> files = Files.list(HOME.resolve("ci"))) {
            return files.sorted().toList();
        }
    }

    /** Rendering leaves hooks out, and so would every check: they are rendered as ordinary objects here. */
    private static Path withHooks(Path chart) {
        Path copy = Path.of("target", "charts", chart.getFileName().toString());
        try (Stream<Path> files = Files.walk(chart)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = copy.resolve(chart.relativize(file));
                Files.createDirectories(to.getParent());
                Files.writeString(
                        to,
                        Files.readAllLines(file).stream()
                                .filter(line -> !line.strip().startsWith("helm.sh/hook"))
                                .collect(Collectors.joining("\n", "", "\n")));
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static TemplateCommand template(Path chart) {
        return new Helm(withHooks(chart))
                .template()
                .withName("pb")
                .withNamespace("mail")
                .withKubeVersion(KUBE_VERSION);
    }

    /** For one broker and one detector. */
    static String onOneNode(String brokers, String registry) {
        return onOneNode(brokers, registry, Map.of());
    }

    /** The same with these values. */
    static String onOneNode(String brokers, String registry, Map<String, String> others) {
        TemplateCommand command = template(HOME)
                .set("kafka.bootstrapServers", brokers)
                .set("registry.url", registry)
                .set("topics.partitions", "2")
                .set("topics.replicationFactor", "1")
                .set("detector.replicas", "1")
                .set("detector.standbyReplicas", "0")
                .set("agent.enforcer.errors\\.deadletterqueue\\.topic\\.replication\\.factor", "1");
        others.forEach(command::set);
        return command.call();
    }

    static String render(Path values) {
        return template(HOME).withValuesFile(values).call();
    }

    /** The documents of a rendered chart, empty ones left out. */
    static List<JsonNode> documents(String rendered) throws IOException {
        List<JsonNode> result = new ArrayList<>();
        try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class).readValues(rendered)) {
            while (all.hasNext()) {
                JsonNode document = all.next();
                if (document != null && document.has("kind")) {
                    result.add(document);
                }
            }
        }
        return result;
    }

    static JsonNode document(String rendered, String kind, String name) throws IOException {
        return documents(rendered).stream()
                .filter(d -> d.path("kind").asText().equals(kind)
                        && d.at("/metadata/name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
    }
}
