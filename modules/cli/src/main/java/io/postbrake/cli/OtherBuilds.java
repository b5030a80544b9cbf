package io.postbrake.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.simulator.FleetLogs;
import io.postbrake.simulator.OpenLoop;
import io.postbrake.simulator.OpenLoop.Decided;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Has builds, each in a process of its own, replay the logs of the same made-up fleets, and scores what they decide. */
final class OtherBuilds {

    private static final String HEAP = "-Xmx900m";
    private static final String THIS = "this build";

    /** Class path by name; this build comes last, for differences are those from the first to it. */
    private final Map<String, String> builds = new LinkedHashMap<>();

    private final ObjectMapper json = new ObjectMapper();

    /** @param others folders with all jars of a build, by its name */
    OtherBuilds(Map<String, Path> others) {
        others.forEach((name, folder) -> {
            try (Stream<Path> files = Files.list(folder)) {
                if (files.noneMatch(file -> file.toString().endsWith(".jar"))) {
                    throw new IOException("no jars");
                }
            } catch (IOException e) {
                throw new IllegalArgumentException("--beside " + name + " is '" + folder
                        + "': give a folder with all jars of a build, its command line's own among them");
            }
            builds.put(name, folder.resolve("*").toString());
        });
        builds.put(THIS, System.getProperty("java.class.path"));
    }

    /** Judges fleets of these seeds; {@code progress} hears a sentence after each replay. */
    OpenLoop judge(List<Long> seeds, int users, int days, Consumer<String> progress) throws IOException {
        var result = new OpenLoop(users, days);
        for (long seed : seeds) {
            Path folder = Files.createTempDirectory("postbrake-beside");
            try {
                FleetLogs logs = FleetLogs.write(seed, users, days, Long.MAX_VALUE, folder);
                for (Map.Entry<String, String> build : builds.entrySet()) {
                    long began = System.nanoTime();
                    List<Decided> decided = replay(build.getKey(), build.getValue(), logs, folder);
                    result.add(build.getKey(), seed, decided);
                    progress.accept("seed %d, %s: %d lines, %d blocks, %.1f s"
                            .formatted(
                                    seed,
                                    build.getKey(),
                                    logs.lines(),
                                    decided.size(),
                                    (System.nanoTime() - began) / 1e9));
                }
            } finally {
                delete(folder);
            }
        }
        return result;
    }

    private List<Decided> replay(String name, String classPath, FleetLogs logs, Path folder) throws IOException {
        Path out = folder.resolve("decisions.jsonl");
        Path said = folder.resolve("said.txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-cp",
                classPath,
                Main.class.getName(),
                "replay",
                "--geo",
                logs.places().toString(),
                "--asn",
                logs.operators().toString(),
                "--out",
                out.toString()));
        logs.logs().forEach((host, file) -> {
            command.add("--log");
            command.add(host + "=" + file + ",zone=UTC,year=" + FleetLogs.YEAR);
        });
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(
                        name + " cannot replay: " + Files.readString(said).strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while " + name + " replayed");
        } finally {
            process.destroy();
        }
        return blocks(out);
    }

    private List<Decided> blocks(Path decisions) throws IOException {
        List<Decided> blocks = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(decisions)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode d = json.readTree(line);
                if (d.path("type").asText().equals("block")) {
                    // "hold [pb:REFERENCE]: why"
                    String text = d.path("evidence").path(0).path("text").asText();
                    blocks.add(new Decided(
                            Instant.parse(d.path("time").asText()),
                            d.path("subject_type").asText(),
                            d.path("subject").asText(),
                            text.substring(0, Math.max(0, text.indexOf(' '))),
                            Instant.parse(d.path("expires").asText()),
                            text.substring(text.indexOf("]: ") + 1)));
                }
            }
        }
        return blocks;
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(folder)) {
            files = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
