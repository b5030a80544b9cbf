package io.postbrake.helm;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A rendered workload's container as a plain process: the launcher of its image, with arguments, environment and files as
 * Kubernetes would give them. Mounts and volumes lie below {@code root} instead of at the container's root, so paths are
 * moved there; the listening ports are moved too, so that several run on one machine.
 */
final class Workload {

    private final String rendered;
    private final JsonNode pod;
    private final Path root;
    private final Map<String, String> fieldRefs;

    Workload(String rendered, JsonNode document, Path root, Map<String, String> fieldRefs) {
        this.rendered = rendered;
        this.pod = document.path("kind").asText().equals("Pod")
                ? document.path("spec")
                : document.at("/spec/template/spec");
        this.root = root;
        this.fieldRefs = fieldRefs;
    }

    /** Lays the mounts and starts the image's launcher with the container's arguments and environment. */
    Process start(int container, Path output) throws IOException {
        JsonNode spec = pod.path("containers").path(container);
        for (JsonNode mount : spec.path("volumeMounts")) {
            lay(mount);
        }
        Map<String, String> environment = environment(spec);
        List<String> command =
                new ArrayList<>(List.of(launcher(spec.path("image").asText()).toString()));
        spec.path("args").forEach(arg -> command.add(moved(expanded(arg.asText(), environment))));
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** The entry point as the archive in the image has it, beside the classes of this build. */
    private Path launcher(String image) throws IOException {
        boolean agent = image.contains("/agent:");
        Path home = root.resolveSibling(agent ? "image-agent" : "image-detector");
        Path launcher = home.resolve("bin").resolve(agent ? "postbrake-agent" : "postbrake");
        Files.createDirectories(launcher.getParent());
        Files.copy(
                Path.of(agent ? "../modules/agent/src/dist/bin" : "../modules/cli/src/dist/bin")
                        .resolve(launcher.getFileName()),
                launcher,
                StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        Path jar = Files.createDirectories(home.resolve("lib")).resolve("all.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return launcher;
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
        for (String mount : List.of("/etc/postbrake", "/var/lib/postbrake", "/host/log", "/var/log/pods", "/geoip")) {
            result = result.replace(mount, root + mount);
        }
        return result.replace("http.port: 9404", "http.port: 0")
                .replace("http.port: 9405", "http.port: 0")
                .replace("  port: 9406", "  port: -1");
    }
}
