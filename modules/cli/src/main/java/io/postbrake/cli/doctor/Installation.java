package io.postbrake.cli.doctor;

import io.postbrake.app.ReputationLists;
import io.postbrake.settings.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a configuration file says of this machine, as far as it concerns the doctor.
 *
 * @param kind what the file is of: up, agent or detector
 * @param unit the systemd unit that runs it
 * @param logs paths and patterns of Postfix's logs, or {@code journal}
 * @param zones the shipper's log.zone
 * @param map the table of accounts; null when nobody is blocked here
 * @param postfix configuration directory of the Postfix that asks it
 * @param data where the service keeps its state
 * @param http loopback port of its health, negative for none, 0 when only the service knows
 * @param ports further ports that it listens on, by their keys
 * @param geo MaxMind DB files
 * @param lists lists of addresses with a reputation, as {@code reputation.lists} has them
 */
record Installation(
        String kind,
        String unit,
        List<String> logs,
        List<String> zones,
        Path map,
        Path postfix,
        Path data,
        int http,
        Map<String, Integer> ports,
        List<Path> geo,
        List<String> lists) {

    private static final Path POSTFIX = Path.of("/etc/postfix");
    private static final String DATA = "/var/lib/postbrake";

    /** Reads what is there; what is wrong with it is said elsewhere. */
    static Installation of(String kind, Settings settings) {
        return switch (kind) {
            case "up" -> ofUp(settings);
            case "agent" -> ofAgent(settings);
            case "detector" ->
                new Installation(
                        kind,
                        "postbrake-detector",
                        List.of(),
                        List.of(),
                        null,
                        POSTFIX,
                        settings.path("state.dir", Path.of(DATA, "detector")),
                        settings.number("http.port", 9404, -1, 65535),
                        console(settings),
                        settings.paths("geo.files"),
                        ReputationLists.named(settings));
            default ->
                throw new IllegalArgumentException(
                        "a file of " + kind + " runs nothing: give the one of up, an agent or a detector");
        };
    }

    private static Installation ofUp(Settings settings) {
        Map<String, Integer> ports = new LinkedHashMap<>();
        ports.put("broker.port", settings.number("broker.port", 19092, 0, 65535));
        if (!settings.has("registry.url")) {
            ports.put("registry.port", settings.number("registry.port", 18081, 0, 65535));
        }
        ports.putAll(console(settings));
        return new Installation(
                "up",
                "postbrake",
                settings.oneOrMore("log", "the path of the Postfix log, or a list of paths"),
                list(settings.section("source").strings().get("log.zone")),
                settings.path("map", null),
                settings.path("postfix", POSTFIX),
                settings.path("data", Path.of(DATA)),
                settings.number("http.port", 9404, -1, 65535),
                ports,
                settings.paths("geo.files"),
                ReputationLists.named(settings));
    }

    private static Installation ofAgent(Settings settings) {
        Map<String, String> source = settings.section("source").strings();
        Map<String, String> enforcer = settings.section("enforcer").strings();
        String map = enforcer.get("policy.map.path");
        List<String> postfix = list(enforcer.get("policy.postfix.config.directories"));
        return new Installation(
                "agent",
                "postbrake-agent",
                list(source.get("log.paths")),
                list(source.get("log.zone")),
                map == null ? null : Path.of(map),
                postfix.isEmpty() ? POSTFIX : Path.of(postfix.get(0)),
                settings.path("state.dir", Path.of(DATA, "agent")),
                settings.number("http.port", 9405, -1, 65535),
                Map.of(),
                List.of(),
                List.of());
    }

    private static Map<String, Integer> console(Settings settings) {
        return Map.of("console.port", settings.section("console").number("port", 9406, -1, 65535));
    }

    private static List<String> list(String separatedOrNull) {
        return separatedOrNull == null || separatedOrNull.isBlank()
                ? List.of()
                : List.of(separatedOrNull.strip().split("\\s*,\\s*"));
    }
}
