package io.postbrake.benchmarks.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A process of ours, and what the kernel and its own log of garbage collections say that it takes. */
final class Spawned implements AutoCloseable {
    private static final double TICKS = 100; // USER_HZ, the same on all that Linux runs on

    private static final Pattern SIZES = Pattern.compile("(\\d+)M->(\\d+)M");

    private final String name;
    private final Path output;
    private final Path collections;
    private final Process process;

    private Spawned(String name, Path output, Path collections, Process process) {
        this.name = name;
        this.output = output;
        this.collections = collections;
        this.process = process;
    }

    /**
     * What a process took so far.
     *
     * @param user processor seconds in user mode
     * @param system processor seconds in the kernel
     * @param written bytes that it gave to the disks
     * @param allocated bytes of objects that were made until the last garbage collection; 0 of what is not Java
     * @param residentMib memory that it has now
     */
    record Usage(double user, double system, long written, long allocated, long residentMib) {
        static final Usage NONE = new Usage(0, 0, 0, 0, 0);

        double cpu() {
            return user + system;
        }

        Usage since(Usage before) {
            return new Usage(
                    user - before.user,
                    system - before.system,
                    written - before.written,
                    allocated - before.allocated,
                    residentMib);
        }

        Usage and(Usage other) {
            return new Usage(
                    user + other.user,
                    system + other.system,
                    written + other.written,
                    allocated + other.allocated,
                    residentMib + other.residentMib);
        }
    }

    /** Starts a command; what it says stands in {@code dir/NAME.out}. */
    static Spawned start(String name, Path dir, List<String> command) throws IOException {
        Path output = dir.resolve(name + ".out");
        Path collections = dir.resolve(name + ".gc");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("JAVA_TOOL_OPTIONS", "-Xlog:gc:file=" + collections + "::filecount=0");
        return new Spawned(name, output, collections, builder.start());
    }

    /** A main class of this build, as a process of its own. */
    static Spawned java(String name, Path dir, String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(List.of(arguments));
        return start(name, dir, command);
    }

    String name() {
        return name;
    }

    Usage usage() throws IOException {
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        String stat = Files.readString(proc.resolve("stat"));
        // Fields 14 and 15 of proc_pid_stat(5), behind the name in brackets.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return new Usage(
                Long.parseLong(fields[11]) / TICKS,
                Long.parseLong(fields[12]) / TICKS,
                figure(proc.resolve("io"), "write_bytes: (\\d+)"),
                allocated(),
                figure(proc.resolve("status"), "VmRSS:\\s+(\\d+) kB") / 1024);
    }

    private static long figure(Path file, String pattern) throws IOException {
        Matcher found = Pattern.compile(pattern).matcher(Files.readString(file));
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }

    /** From collection to collection, what was there before the one less what was left by the one before. */
    private long allocated() throws IOException {
        if (!Files.exists(collections)) {
            return 0;
        }
        long sum = 0;
        long left = 0;
        for (String line : Files.readAllLines(collections)) {
            if (line.contains("Pause Young") || line.contains("Pause Full")) {
                Matcher sizes = SIZES.matcher(line);
                if (sizes.find()) {
                    sum += Long.parseLong(sizes.group(1)) - left;
                    left = Long.parseLong(sizes.group(2));
                }
            }
        }
        return sum << 20;
    }

    /** The first group of a line that it said, or null. */
    @Nullable
    String heard(Pattern pattern) throws IOException {
        Matcher found = pattern.matcher(Files.exists(output) ? Files.readString(output) : "");
        return found.find() ? found.group(1) : null;
    }

    boolean runs() {
        return process.isAlive();
    }

    Path output() {
        return output;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
