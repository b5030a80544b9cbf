package io.postbrake.cli.doctor;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.cli.ConfigFileKind;
import io.postbrake.settings.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks at an installation part by part, and says of each how it is and what to do. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description =
                "Say of each part of this installation how it is and what to do. Exits 1 when one fails, 2 when the"
                        + " file cannot be read. Changes nothing.")
public final class DoctorCommand implements Callable<Integer> {

    private static final Path MEMORY = Path.of("/proc/meminfo");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "/etc/postbrake/postbrake.yaml",
            description = "YAML file of up, an agent or a detector; default ${DEFAULT-VALUE}.")
    private Path config;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        List<Symptom> found = look(Instant.now());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(found));
        } else {
            found.forEach(symptom -> print(out, symptom));
        }
        out.flush();
        return found.stream().anyMatch(each -> each.state() == Symptom.State.FAIL) ? 1 : 0;
    }

    private List<Symptom> look(Instant now) throws IOException {
        if (!Files.isReadable(config)) {
            throw new IllegalArgumentException(
                    config + (Files.exists(config) ? " cannot be read by this user" : " is not there")
                            + ": --config says where the file of up, an agent or a detector is; run this as root");
        }
        Settings settings = Settings.read(config);
        ConfigFileKind kind = ConfigFileKind.of(settings);
        List<Symptom> found = new ArrayList<>(List.of(MachineCheck.java()));
        List<String> problems = kind.problems(settings, config);
        problems.forEach(problem ->
                found.add(Symptom.fail("config", config + ": " + problem, "docs/settings.md has every key")));
        if (problems.isEmpty()) {
            found.add(Symptom.ok("config", config + " is right, as a file of " + kind));
        }
        if (kind == ConfigFileKind.up) {
            found.add(told(settings));
        }
        Installation there = Installation.of(kind.name(), settings.collecting());
        found.addAll(LogCheck.of(there, now));
        found.add(MachineCheck.clock(now));
        found.addAll(PostfixLook.of(there));
        List<Symptom> service = ServiceCheck.of(there);
        found.addAll(service);
        boolean running = service.stream().anyMatch(each -> each.seen().startsWith("it runs"));
        found.addAll(MachineCheck.of(there, running, MEMORY, now));
        return found;
    }

    /** An incident that nobody hears of goes on. */
    private static Symptom told(Settings settings) {
        if (settings.has("receivers")) {
            return Symptom.ok(
                    "alerts",
                    "incidents are told to "
                            + String.join(
                                    ", ",
                                    new TreeSet<>(settings.section("receivers").given())));
        }
        return settings.has("alerts")
                ? Symptom.ok("alerts", "incidents are told, as `alerts` says")
                : Symptom.warn(
                        "alerts",
                        "nobody is told of incidents",
                        "receivers: {postmaster: {mail.to: postmaster@example.net}}, see docs/alerting.md");
    }

    /** What was read in logs and files never steers a terminal. */
    private static void print(PrintWriter out, Symptom symptom) {
        out.printf("%-5s %-8s %s%n", symptom.state(), symptom.check(), plain(symptom.seen()));
        if (!symptom.then().isEmpty()) {
            out.printf("               do: %s%n", plain(symptom.then()));
        }
    }

    private static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private static String json(List<Symptom> found) throws IOException {
        List<Map<String, String>> checks = new ArrayList<>();
        for (Symptom symptom : found) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("check", symptom.check());
            fields.put("state", symptom.state().toString());
            fields.put("seen", symptom.seen());
            fields.put("do", symptom.then());
            checks.add(fields);
        }
        return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(Map.of("checks", checks));
    }
}
