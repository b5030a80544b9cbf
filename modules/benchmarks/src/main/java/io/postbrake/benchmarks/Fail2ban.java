package io.postbrake.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Debian's fail2ban with its own Postfix filter on one log; its ban writes down address and time. */
public final class Fail2ban implements AutoCloseable {

    private static final Path CONFIG = Path.of("/etc/fail2ban");
    private static final Path SERVER = Path.of("/usr/bin/fail2ban-server");

    private final Process server;
    private final Path bans;

    private Fail2ban(Process server, Path bans) {
        this.server = server;
        this.bans = bans;
    }

    /** Whether this machine has none. */
    public static boolean missing() {
        return !Files.isExecutable(SERVER);
    }

    /** Starts it and waits until it is ready. */
    public static Fail2ban start(Path dir, Path log, int failures) throws IOException, InterruptedException {
        Path config = dir.resolve("fail2ban");
        copy(config);
        Path bans = Files.createFile(dir.resolve("bans"));
        Files.writeString(config.resolve("jail.local"), """
                [DEFAULT]
                backend = auto
                [postfix-here]
                enabled = true
                filter = postfix[mode=auth]
                logpath = %s
                maxretry = %d
                findtime = 600
                action = stamp
                """.formatted(log, failures));
        Files.writeString(config.resolve("action.d/stamp.conf"), """
                [Definition]
                actionban = echo <ip> $(date +%%%%s%%%%N) >> %s
                """.formatted(bans));
        Files.writeString(
                config.resolve("fail2ban.local"),
                "[Definition]\nlogtarget = %s\ndbfile = :memory:\n".formatted(dir.resolve("fail2ban.log")));
        Process server = new ProcessBuilder(
                        SERVER.toString(),
                        "-f",
                        "-c",
                        config.toString(),
                        "-s",
                        dir.resolve("f2b.sock").toString(),
                        "-p",
                        dir.resolve("f2b.pid").toString(),
                        "start")
                .redirectErrorStream(true)
                .start();
        var out = server.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.contains("Server ready")) {
                return new Fail2ban(server, bans);
            }
        }
        throw new IOException("fail2ban did not start");
    }

    /** When this address was banned, in nanoseconds of the epoch; 0 if it was not yet. */
    public long bannedAt(String ip) throws IOException {
        List<String> lines = Files.readAllLines(bans);
        return lines.stream()
                .filter(line -> line.startsWith(ip + " "))
                .mapToLong(line -> Long.parseLong(line.substring(ip.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    /** Processor time that it used so far. */
    public long cpuMillis() {
        return server.toHandle()
                .info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException("no processor time of fail2ban"))
                .toMillis();
    }

    private static void copy(Path target) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(CONFIG)) {
            tree.filter(p -> !p.startsWith(CONFIG.resolve("jail.d"))).forEach(files::add);
        }
        for (Path file : files) {
            Files.copy(file, target.resolve(CONFIG.relativize(file).toString()));
        }
    }

    @Override
    public void close() throws InterruptedException {
        server.destroy();
        if (!server.waitFor(10, TimeUnit.SECONDS)) {
            server.destroyForcibly();
        }
    }
}
