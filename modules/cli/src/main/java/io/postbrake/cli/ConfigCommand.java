package io.postbrake.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.app.DetectionFile;
import io.postbrake.control.Control;
import io.postbrake.detection.config.RuntimeConfig;
import io.postbrake.settings.Settings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Changes the detection's configuration in all detectors while they run. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description = "Show or change the configuration that all running detectors use instead of their files'.")
final class ConfigCommand implements Runnable {

    private static final ObjectMapper VALUES = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: check, get, set, apply or clear");
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "Say all that is wrong with a file of up, an agent, a detector or the detection. Exits 1 when"
                    + " something is. Runs nothing and asks nobody.")
    int check(
            @Parameters(paramLabel = "FILE") Path file,
            @Option(
                            names = "--as",
                            paramLabel = "KIND",
                            description = "${COMPLETION-CANDIDATES}; default as its keys tell.")
                    ConfigFileKind as,
            @Option(names = "--json", description = "As JSON.") boolean json)
            throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        Settings settings = Settings.read(file);
        ConfigFileKind kind = as == null ? ConfigFileKind.of(settings) : as;
        List<String> problems = kind.problems(settings, file);
        if (json) {
            Json.print(out, Map.of("file", file.toString(), "kind", kind.name(), "problems", problems));
        } else if (problems.isEmpty()) {
            out.println(file + " is right, as a file of " + kind);
        } else {
            problems.forEach(problem -> out.println(Text.plain(problem)));
            out.println(file + " is wrong, as a file of " + kind);
        }
        out.flush();
        return problems.isEmpty() ? ExitCodes.DONE : ExitCodes.FAILED;
    }

    @Command(
            name = "get",
            mixinStandardHelpOptions = true,
            description = "Print the configuration on the control topic, as YAML.")
    int get(@Mixin ClusterOptions cluster, @Option(names = "--json", description = "As JSON.") boolean json)
            throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        Control control = new ControlTopic(cluster).read().get(RuntimeConfig.CONFIGURATION);
        if (json) {
            Json.print(out, control == null ? null : Json.of(control));
        } else if (control == null) {
            out.println("# no configuration on the control topic: each detector uses its file's");
        } else {
            out.printf(
                    "# by %s at %s: %s%n",
                    Text.plain(control.getActor()), control.getAt(), Text.plain(control.getReason()));
            ControlTopic.keys(control).forEach((key, value) -> out.println(Text.plain(key) + ": " + yaml(value)));
        }
        out.flush();
        return 0;
    }

    @Command(
            name = "apply",
            mixinStandardHelpOptions = true,
            description = "Put the configuration of FILE in force: all that it does not name has its default.")
    int apply(
            @Mixin ClusterOptions cluster,
            @Option(names = "--reason", required = true, description = "Why; kept and shown.") String reason,
            @Parameters(paramLabel = "FILE") Path file)
            throws Exception {
        DetectionFile.read(file);
        new ControlTopic(cluster).configure(DetectionFile.keys(file), reason);
        return 0;
    }

    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description = "Change keys of the configuration on the control topic.")
    int set(
            @Mixin ClusterOptions cluster,
            @Option(names = "--reason", required = true, description = "Why; kept and shown.") String reason,
            @Parameters(paramLabel = "KEY=VALUE", arity = "1..*") List<String> settings)
            throws Exception {
        Map<String, String> changes = new TreeMap<>();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new ParameterException(
                        spec.commandLine(),
                        "'" + Text.plain(setting) + "' is no setting: give KEY=VALUE, such as risk.hold=0.6");
            }
            changes.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        var topic = new ControlTopic(cluster);
        Control control = topic.read().get(RuntimeConfig.CONFIGURATION);
        if (control == null) {
            throw new IllegalArgumentException("there is no configuration on the control topic to change: begin with"
                    + " 'postbrake config apply FILE' and the detectors' file");
        }
        Map<String, Object> keys = ControlTopic.keys(control);
        keys.putAll(changes);
        topic.configure(keys, reason);
        return 0;
    }

    @Command(
            name = "clear",
            mixinStandardHelpOptions = true,
            description = "Take the configuration off the control topic: each detector uses its file's again.")
    int clear(@Mixin ClusterOptions cluster) throws Exception {
        new ControlTopic(cluster).withdraw(RuntimeConfig.CONFIGURATION);
        return 0;
    }

    /** JSON is YAML too, and leaves no doubt about what is text. */
    private static String yaml(Object value) {
        try {
            return VALUES.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
