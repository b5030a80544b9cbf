package io.postbrake.helm;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A rendered workload's first container as a plain process: its arguments, environment and files as Kubernetes would give
 * them. Mounts and volumes lie below {@code root} instead of at the container's root, so paths are moved there; the
 * listening ports are moved too, so that several run on one machine.
 */
final class Workload {

    private final String rendered;
    private final JsonNode pod;
    private final Path root;
    private final Map<String, String> fieldRefs;

    Workload(String rendered, JsonNode document, Path root, Map<String, String> fieldRefs) {
        this.rendered = rendered;
        this.pod = document.at("/spec/template/spec");
        this.root = root;
        this.fieldRefs = fieldRefs;
    }

    /** Lays the mounts and starts {@code main} with the container's arguments and environment. */
    Process start(String main, Path output) throws IOException {
        return start(main, 0, output);
    }

    Process start(String main, int container, Path output) throws IOException {
        JsonNode spec = pod.path("containers").path(container);
        for (JsonNode mount : spec.path("volumeMounts")) {
            lay(mount);
        }
        Map<String, String> environment = environment(spec);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-Dorg.slf4j.simpleLogger.log.io.postbrake=info",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        spec.path("args").forEach(arg -> command.add(moved(expanded(arg.asText(), environment))));
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private Map<String, String> environment(JsonNode spec) {
        Map<String, String> environment = new TreeMap<>();
        for (JsonNode variable : spec.path("env")) {
            String field = variable.at("/valueFrom/fieldRef/fieldPath").asText(null);
            environment.put(
                    variable.path("name").asText(),
                    field == null ? variable.path("value").asText() : fieldRefs.get(field));
        }
        return environment;
    }

    /** $(NAME) as the kubelet expands it. */
    private static String expanded(String text, Map<String, String> environment) {
        String result = text;
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            result = result.replace("$(" + variable.getKey() + ")", variable.getValue());
        }
        return result;
    }

    private void lay(JsonNode mount) throws IOException {
        Path at = Path.of(moved(mount.path("mountPath").asText()));
        JsonNode volume = volume(mount.path("name").asText());
        if (volume.has("configMap")) {
            JsonNode data = Chart.document(
                            rendered, "ConfigMap", volume.at("/configMap/name").asText())
                    .path("data");
            String file = mount.path("subPath").asText();
            Files.createDirectories(at.getParent());
            Files.writeString(at, moved(data.path(file).asText()));
        } else {
            Files.createDirectories(at);
        }
    }

    private JsonNode volume(String name) {
        for (JsonNode volume : pod.path("volumes")) {
            if (volume.path("name").asText().equals(name)) {
                return volume;
            }
        }
        return Chart.YAML.createObjectNode(); // A claim template's volume is an empty directory at first.
    }

    String moved(String text) {
        String result = text;
        for (String mount : List.of("/etc/postbrake", "/var/lib/postbrake", "/host/log", "/geoip")) {
            result = result.replace(mount, root + mount);
        }
        return result.replace("http.port: 9404", "http.port: 0")
                .replace("http.port: 9405", "http.port: 0")
                .replace("  port: 9406", "  port: -1");
    }
}
