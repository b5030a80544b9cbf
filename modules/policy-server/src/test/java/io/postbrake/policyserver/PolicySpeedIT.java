package io.postbrake.policyserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.settings.Settings;
import io.postbrake.testkit.FreePort;
import io.postbrake.testkit.Report;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How many questions are answered in a second on one processor, beside other policy servers of Debian, and what a login costs. */
@Tag("soak")
@Timeout(600)
class PolicySpeedIT {

    private static final int CONNECTIONS = 8;
    private static final int SECONDS = 10;
    private static final int ACCOUNTS = 200_000;
    private static final Path POSTFWD = Path.of("/usr/sbin/postfwd2");
    private static final Path RATE_LIMIT = Path.of("/usr/bin/policyd-rate-limit");

    @TempDir
    private Path dir;

    private final List<String> rows = new ArrayList<>();

    @Test
    void anAnswerTakesATenthOfTheProcessorThatPostfwdTakes() throws Exception {
        Stream.of(POSTFWD, RATE_LIMIT, Path.of("/usr/bin/taskset"))
                .forEach(file -> Assumptions.assumeTrue(Files.exists(file), () -> file + " is not installed"));
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxrwxrwx"));

        double ours = ours();
        double postfwd = postfwd();
        rateLimit();

        rows.add("");
        rows.add(
                "Each on one processor (`taskset -c 0`) of a machine that other work shared, asked over " + CONNECTIONS
                        + " connections on loopback that each wait"
                        + " for their answers, of " + 1000
                        + " logins, with one ceiling of a login's messages in an hour. The second figure: asked so"
                        + " many a second, 99 of 100 answers came within it, counted from when each was due. Ours had every count on its"
                        + " journal before its answer; postfwd2 keeps counts in memory, policyd-rate-limit in SQLite, both as Debian has them. What compares is the processor time: how many are answered depends on what else the machine did.");
        rows.add("");
        rows.add(String.format(
                Locale.ROOT,
                "A login that sent one message, counted over an hour and a day, takes %d bytes (%d logins).",
                bytesOfALogin(),
                ACCOUNTS));
        Report.write("policy-server.md", "Answers to Postfix", rows);
        assertThat(10 * ours).isLessThan(postfwd);
    }

    private double ours() throws Exception {
        int port = FreePort.next();
        return measured(
                "Postbrake",
                port,
                10_000,
                new ProcessBuilder(
                        "taskset",
                        "-c",
                        "0",
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CountingProcess.class.getName(),
                        dir.toString(),
                        "1000000/1h",
                        "inet:127.0.0.1:" + port));
    }

    private double postfwd() throws Exception {
        int port = FreePort.next();
        Path rules = Files.writeString(
                dir.resolve("postfwd.cf"),
                "id=R1; protocol_state==RCPT; action=rate(sasl_username/1000000/3600/450 4.7.1 limit)\n");
        Path pid = dir.resolve("postfwd.pid");
        double rate = measured(
                "postfwd2",
                port,
                100,
                new ProcessBuilder(
                        "taskset",
                        "-c",
                        "0",
                        POSTFWD.toString(),
                        "-d",
                        "-f",
                        rules.toString(),
                        "-i",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port),
                        "--cache_port",
                        Integer.toString(FreePort.next()),
                        "--user",
                        "nobody",
                        "--group",
                        "nogroup",
                        "--pidfile",
                        pid.toString()));
        daemon().ifPresent(ProcessHandle::destroy);
        Files.deleteIfExists(pid);
        return rate;
    }

    private void rateLimit() throws Exception {
        int port = FreePort.next();
        Path config = Files.writeString(dir.resolve("rate.yaml"), """
            debug: False
            user: "nobody"
            group: "nogroup"
            pidfile: "%1$s/rate.pid"
            sqlite_config:
                database: "%1$s/db.sqlite3"
            backend: 0
            SOCKET: ["127.0.0.1", %2$d]
            socket_permission: 0666
            limits:
                - [1000000, 3600]
            limits_by_id: {}
            limit_by_sasl: True
            limit_by_sender: False
            limit_by_ip: False
            limited_networks: []
            success_action: "dunno"
            fail_action: "defer_if_permit Rate limit reach, retry later"
            db_error_action: "dunno"
            report: False
            delay_to_close: 300
            """.formatted(dir, port));
        measured(
                "policyd-rate-limit",
                port,
                20,
                new ProcessBuilder("taskset", "-c", "0", RATE_LIMIT.toString(), "--file", config.toString()));
    }

    private double measured(String name, int port, int quiet, ProcessBuilder command) throws Exception {
        Process process = command.redirectErrorStream(true)
                .redirectOutput(dir.resolve(name + ".out").toFile())
                .start();
        try {
            awaits(port);
            var load = new PolicyLoad(port, CONNECTIONS);
            load.run(SECONDS, 0);
            ProcessHandle server = daemon().orElse(process.toHandle());
            long before = processorTime(server);
            PolicyLoad.Figures most = load.run(SECONDS, 0);
            double cost = (processorTime(server) - before) / 1000.0 / (most.rate() * SECONDS);
            PolicyLoad.Figures paced = load.run(SECONDS, quiet);
            if (rows.isEmpty()) {
                rows.add("| | questions a second | processor time of one | asked | p99 of those |");
                rows.add("|---|---|---|---|---|");
            }
            rows.add(String.format(
                    Locale.ROOT,
                    "| %s | %.0f | %s | %d/s | %.1f ms |",
                    name,
                    most.rate(),
                    cost > 0 ? String.format(Locale.ROOT, "%.0f µs", cost) : "not known",
                    quiet,
                    paced.p99() / 1000.0));
            return cost;
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    /** postfwd2 is no child of ours once it runs. */
    private Optional<ProcessHandle> daemon() throws IOException {
        Path pid = dir.resolve("postfwd.pid");
        return Files.exists(pid)
                ? ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                : Optional.empty();
    }

    /** Of a process and its children, in nanoseconds. */
    private static long processorTime(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants())
                .mapToLong(each ->
                        each.info().totalCpuDuration().map(Duration::toNanos).orElse(0L))
                .sum();
    }

    private static void awaits(int port) throws InterruptedException {
        for (int i = 0; i < 300; i++) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        throw new AssertionError("nobody listens at " + port);
    }

    private long bytesOfALogin() throws IOException {
        Path state = Files.createDirectory(dir.resolve("journal"));
        var config = PolicyServerConfig.of(
                Settings.of(Map.of("quotas", Map.of("limits", Map.of("login.messages", "50/1h, 200/1d")))));
        try (Journal journal = Journal.open(state)) {
            var quotas = new Quotas(config.rules(), journal);
            for (int i = 0; i < UnderWay.MOST; i++) {
                ask(quotas, i); // What is under way is bounded: it must not count for the logins.
            }
            long before = used();
            for (int i = UnderWay.MOST; i < UnderWay.MOST + ACCOUNTS; i++) {
                ask(quotas, i);
            }
            long after = used();
            assertThat(quotas.subjects()).isEqualTo(UnderWay.MOST + ACCOUNTS);
            return (after - before) / ACCOUNTS;
        }
    }

    private static void ask(Quotas quotas, int number) {
        var request = new PolicyRequest(
                "RCPT", "i" + number, "user" + number + "@example.net", "", "bob@example.org", 0, "192.0.2.4");
        assertThat(quotas.ask(request, System.currentTimeMillis())).isNull();
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
