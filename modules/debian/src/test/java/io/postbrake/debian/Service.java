package io.postbrake.debian;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A unit's command without systemd: with its user, its rights, its mask and its directories. */
final class Service implements AutoCloseable {

    private final Process process;
    private final Path output;

    private Service(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts the unit's command; what it says goes to a file in {@code dir}. */
    static Service start(DebianMachine machine, String unit, Path dir) throws Exception {
        String text = Files.readString(machine.path("/usr/lib/systemd/system/" + unit));
        String user = value(text, "User", "root");
        directories(
                machine,
                "/var/lib/",
                value(text, "StateDirectory", ""),
                user,
                value(text, "StateDirectoryMode", "0755"));
        directories(
                machine, "/var/log/", value(text, "LogsDirectory", ""), user, value(text, "LogsDirectoryMode", "0755"));
        String rights = Stream.of(value(text, "CapabilityBoundingSet", "").split(" "))
                .filter(right -> !right.isEmpty())
                .map(right -> ",+" + right.toLowerCase(Locale.ROOT).replace("cap_", ""))
                .collect(Collectors.joining());
        List<String> command = new ArrayList<>(List.of("setpriv", "--no-new-privs", "--bounding-set", "-all" + rights));
        if (!user.equals("root")) {
            command.addAll(List.of("--reuid", user, "--regid", user, "--clear-groups", "--inh-caps", "-all"));
        }
        command.addAll(List.of(
                "sh",
                "-c",
                "umask " + value(text, "UMask", "0022") + " && cd " + value(text, "WorkingDirectory", "/") + " && exec "
                        + value(text, "ExecStart", "")));
        Path output = dir.resolve(unit + ".out");
        return new Service(machine.start(output, command.toArray(String[]::new)), output);
    }

    private static void directories(DebianMachine machine, String parent, String names, String user, String mode)
            throws IOException, InterruptedException {
        for (String name : names.split(" ")) {
            if (!name.isEmpty()) {
                machine.shell("install -d -m %s -o %s -g %s %s%s".formatted(mode, user, user, parent, name));
            }
        }
    }

    private static String value(String text, String key, String otherwise) {
        return text.lines()
                .filter(line -> line.startsWith(key + "="))
                .map(line -> line.substring(key.length() + 1))
                .findFirst()
                .orElse(otherwise);
    }

    String said() throws IOException {
        return Files.readString(output);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Waits for something that a service does, for five minutes at most: other tests may run. */
    static void await(String what, Callable<Boolean> met) throws Exception {
        long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (!met.call()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            Thread.sleep(100);
        }
    }
}
