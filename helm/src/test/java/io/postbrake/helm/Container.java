package io.postbrake.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A rendered workload's pod as crun runs it: the image's own file system, and user, groups, capabilities, read-only root, mounts and
 * environment as the chart says. The network is this machine's, and its listeners are on loopback. Limits of memory are not set, as
 * that takes a cgroup of the machine's.
 */
final class Container {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NO_LIMIT_OF_GROUPS =
            "umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup || mount -t tmpfs none /sys/fs/cgroup;"
                    + " exec crun --cgroup-manager=disabled run -b \"$0\" \"$1\"";

    private final String rendered;
    private final JsonNode pod;
    private final Path dir;
    private final Map<String, String> fieldRefs;
    private final BuiltImages images;

    /** {@code dir}: volumes, by their names, and bundles. */
    Container(String rendered, JsonNode document, Path dir, Map<String, String> fieldRefs, BuiltImages images) {
        this.rendered = rendered;
        this.pod = document.at("/spec/template/spec");
        this.dir = dir;
        this.fieldRefs = fieldRefs;
        this.images = images;
    }

    /** Containers that run before the others, one after the other. */
    int first() {
        return pod.path("initContainers").size();
    }

    Process startFirst(int index, Path output) throws IOException {
        return start(pod.path("initContainers").path(index), output);
    }

    Process start(int index, Path output) throws IOException {
        return start(pod.path("containers").path(index), output);
    }

    /** A volume as it lies on this machine. */
    Path volume(String name) throws IOException {
        Path at = dir.resolve("volumes").resolve(name);
        if (!Files.exists(at)) {
            Files.createDirectories(at);
            JsonNode volume = declared(name);
            // As the kubelet leaves them: all are root's; a node's directory as it makes it, what is empty open to
            // everybody, and a
            // claim's open to the pod's group.
            JsonNode group = pod.at("/securityContext/fsGroup");
            if (volume.has("emptyDir")) {
                Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxrwxrwx"));
            } else if (!volume.has("hostPath") && !group.isMissingNode()) {
                Files.setAttribute(at, "unix:gid", group.asInt());
                Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxrwxr-x"));
            }
        }
        return at;
    }

    private Process start(JsonNode spec, Path output) throws IOException {
        Path bundle = Files.createDirectories(
                dir.resolve("bundles").resolve(spec.path("name").asText()));
        Path root = images.root(spec.path("image").asText());
        JSON.writeValue(bundle.resolve("config.json").toFile(), configuration(spec, root));
        return new ProcessBuilder(
                        "unshare",
                        "-m",
                        "sh",
                        "-c",
                        NO_LIMIT_OF_GROUPS,
                        bundle.toString(),
                        "postbrake-" + dir.getFileName() + "-"
                                + spec.path("name").asText())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private ObjectNode configuration(JsonNode spec, Path root) throws IOException {
        ObjectNode config = JSON.createObjectNode().put("ociVersion", "1.0.2");
        ObjectNode process = config.putObject("process").put("cwd", "/");
        ObjectNode user = process.putObject("user");
        user.put("uid", setting(spec, "runAsUser").asInt())
                .put("gid", setting(spec, "runAsGroup").asInt());
        ArrayNode groups = user.putArray("additionalGids");
        pod.at("/securityContext/supplementalGroups").forEach(groups::add);
        if (pod.at("/securityContext").has("fsGroup")) {
            groups.add(pod.at("/securityContext/fsGroup"));
        }
        process.put(
                "noNewPrivileges", !setting(spec, "allowPrivilegeEscalation").asBoolean(true));
        ObjectNode capabilities = process.putObject("capabilities");
        for (String set : List.of("bounding", "effective", "inheritable", "permitted")) {
            ArrayNode names = capabilities.putArray(set);
            spec.at("/securityContext/capabilities/add").forEach(name -> names.add("CAP_" + name.asText()));
        }
        Map<String, String> environment = environment(spec);
        ArrayNode variables = process.putArray("env")
                .add("PATH=/usr/sbin:/usr/bin:/sbin:/bin")
                .add("JAVA_HOME=/opt/java");
        environment.forEach((name, value) -> variables.add(name + "=" + value));
        ArrayNode args = process.putArray("args");
        if (spec.has("command")) {
            spec.path("command").forEach(word -> args.add(expanded(word.asText(), environment)));
        } else {
            boolean agent = spec.path("image").asText().contains("/agent:");
            args.add(agent ? "/opt/postbrake-agent/bin/postbrake-agent" : "/opt/postbrake/bin/postbrake");
        }
        spec.path("args").forEach(word -> args.add(expanded(word.asText(), environment)));
        config.putObject("root")
                .put("path", root.toString())
                .put("readonly", setting(spec, "readOnlyRootFilesystem").asBoolean());
        ArrayNode mounts = config.putArray("mounts");
        mounts.addObject().put("destination", "/proc").put("type", "proc").put("source", "proc");
        ObjectNode devices = mounts.addObject()
                .put("destination", "/dev")
                .put("type", "tmpfs")
                .put("source", "tmpfs");
        devices.putArray("options").add("nosuid").add("mode=755").add("size=64k");
        for (JsonNode mount : spec.path("volumeMounts")) {
            ObjectNode bind = mounts.addObject()
                    .put("destination", mount.path("mountPath").asText())
                    .put("type", "bind")
                    .put("source", source(mount).toString());
            bind.putArray("options").add("rbind").add(mount.path("readOnly").asBoolean() ? "ro" : "rw");
        }
        ArrayNode namespaces = config.putObject("linux").putArray("namespaces");
        List.of("pid", "mount", "ipc").forEach(kind -> namespaces.addObject().put("type", kind));
        return config;
    }

    /** Of the container, or else of its pod. */
    private JsonNode setting(JsonNode spec, String name) {
        JsonNode own = spec.at("/securityContext/" + name);
        return own.isMissingNode() ? pod.at("/securityContext/" + name) : own;
    }

    private Path source(JsonNode mount) throws IOException {
        String name = mount.path("name").asText();
        JsonNode volume = declared(name);
        if (!volume.has("configMap")) {
            return volume(name);
        }
        JsonNode data = Chart.document(
                        rendered, "ConfigMap", volume.at("/configMap/name").asText())
                .path("data");
        String file = mount.path("subPath").asText();
        Path at = Files.createDirectories(dir.resolve("maps").resolve(name)).resolve(file);
        return Files.writeString(at, data.path(file).asText().replace("host: 0.0.0.0", "host: 127.0.0.1"));
    }

    private JsonNode declared(String name) {
        for (JsonNode volume : pod.path("volumes")) {
            if (volume.path("name").asText().equals(name)) {
                return volume;
            }
        }
        return Chart.YAML.createObjectNode(); // A claim template's volume is an empty directory at first.
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

    private static String expanded(String text, Map<String, String> environment) {
        List<String> result = new ArrayList<>(List.of(text));
        environment.forEach((name, value) -> result.set(0, result.get(0).replace("$(" + name + ")", value)));
        return result.get(0);
    }
}
