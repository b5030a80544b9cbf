package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.policysink.PolicyMap;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.testkit.PostfixHost;
import io.postbrake.testkit.SmtpSession;
import io.postbrake.wire.ConfluentSchemaRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Another user of a mail server with a real Postfix and all of ours tries every door, and to hold the map. */
@Tag("soak")
@Timeout(400)
class OtherUserIT {

    private static final String THIEF = "thief@my-domain.net";
    private static final int BLOCKS = 10;
    /** A lock that was held would delay a block for longer. */
    private static final Duration IN_TIME = Duration.ofSeconds(5);

    /** Not below a directory of the test's own, which another user could not even pass through. */
    private Path dir;

    private final Map<String, String> target = new HashMap<>();

    @BeforeEach
    void layOut() throws IOException {
        dir = Files.createTempDirectory(Path.of("/var/tmp"), "postbrake-other-user-");
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void clear() throws IOException {
        try (Stream<Path> tree = Files.walk(dir)) {
            for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Test
    void getsNowhereWhileBlocksArriveInTime() throws Exception {
        var missing = PostfixHost.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no real Postfix here: " + missing.orElseThrow());
        // Given
        try (PostfixHost postfix = PostfixHost.create("mx1")) {
            postfix.account("thief", "secret");
            try (JavaProcess ours = up(postfix)) {
                postfix.start();
                ClusterAccess access = ClusterAccess.read(ClusterAccess.clientFile(dir.resolve("data")));
                Path attempts = dir.resolve("attempts");
                List<Duration> delays = new ArrayList<>();
                try (var registry = ConfluentSchemaRegistry.connect(access.registryUrl(), access.registry());
                        var decisions = new Decisions(
                                access.kafka().get("bootstrap.servers"), registry, new HashMap<>(access.kafka()));
                        SmtpSession thief = postfix.login(THIEF, "secret")) {
                    blocks(decisions, "first@my-domain.net", postfix); // The enforcer has caught up.
                    // When
                    Process intruder = intrudes("nobody", attempts);
                    try {
                        Operator.awaits(
                                "he begins",
                                Duration.ofMinutes(2),
                                () -> said(attempts).contains("map: "));
                        for (int i = 0; i < BLOCKS; i++) {
                            delays.add(blocks(decisions, "account" + i + "@my-domain.net", postfix));
                        }
                        delays.add(blocks(decisions, THIEF, postfix));
                        assertThat(thief.send(THIEF, "x@example.com")).startsWith("554 5.7.1");
                        Operator.awaits(
                                "he has tried all",
                                Duration.ofMinutes(3),
                                () -> said(attempts).contains("round 1"));
                    } finally {
                        intruder.destroyForcibly().waitFor();
                    }
                }
                // Then
                assertThat(said(attempts).lines().filter(line -> !line.startsWith("round")))
                        .hasSizeGreaterThan(40)
                        .allSatisfy(line -> assertThat(line).contains(": " + Intruder.REFUSED));
                assertThat(PolicyMap.read(postfix.map(), Intruder.VICTIM)).isEmpty();
                assertThat(PolicyMap.read(clients(postfix), "203.0.113.67")).isEmpty();
                assertThat(delays).allSatisfy(delay -> assertThat(delay).isLessThan(IN_TIME));
                assertThat(ours.isAlive()).isTrue();
                System.out.println("blocks in the map after "
                        + delays.stream().map(Duration::toMillis).toList() + " ms");
                // Given: root with the login, who must get in, or the attempts prove nothing
                Path roots = dir.resolve("roots");
                target.put(
                        "client", ClusterAccess.clientFile(dir.resolve("data")).toString());
                Process root = intrudes("root", roots);
                try {
                    Operator.awaits(
                            "root has tried",
                            Duration.ofMinutes(2),
                            () -> said(roots).contains("flock: "));
                } finally {
                    root.destroyForcibly().waitFor();
                }
                assertThat(said(roots))
                        .contains("write abuse.overrides.v1: " + Intruder.DONE)
                        .contains("file access/secret: " + Intruder.DONE)
                        .contains("map: " + Intruder.DONE)
                        .contains("lock to read: " + Intruder.DONE)
                        .contains("flock: " + Intruder.DONE);
            }
        }
    }

    private JavaProcess up(PostfixHost postfix) throws Exception {
        for (String door : List.of("broker", "registry", "http", "console", "syslog")) {
            target.put(door, String.valueOf(JavaProcess.freePort()));
        }
        target.put("data", dir.resolve("data").toString());
        target.put("map", postfix.map().toString());
        Path config = Files.writeString(dir.resolve("postbrake.yaml"), """
                host: mx1
                log: %s
                map: %s
                postfix: %s
                data: %s
                broker.port: %s
                registry.port: %s
                http.port: %s
                console: {port: %s}
                source: {syslog.tcp.listen: "%s", syslog.hosts: 192.0.2.5=mx5}
                """.formatted(
                        postfix.logFile(),
                        postfix.map(),
                        postfix.configuration(),
                        target.get("data"),
                        target.get("broker"),
                        target.get("registry"),
                        target.get("http"),
                        target.get("console"),
                        target.get("syslog")));
        Path started = dir.resolve("up");
        JavaProcess ours = JavaProcess.start(
                dir.resolve("out"), JavaProcess.Everything.class, config.toString(), started.toString());
        Operator.awaits(
                "all is up", Duration.ofSeconds(150), () -> Files.exists(started) && Files.exists(postfix.map()));
        return ours;
    }

    /** How long a decision takes to the map. */
    private static Duration blocks(Decisions decisions, String account, PostfixHost postfix) throws Exception {
        long since = System.nanoTime();
        decisions.blocked(account, "reject");
        Operator.awaits(
                "the block of " + account,
                () -> PolicyMap.read(postfix.map(), account).isPresent());
        return Duration.ofNanos(System.nanoTime() - since);
    }

    /** Runs the intruder as {@code user}, from copies that everybody may read. */
    private Process intrudes(String user, Path output) throws IOException {
        Path lib = dir.resolve("lib-" + user);
        Files.createDirectories(lib);
        List<String> path = new ArrayList<>();
        for (Class<?> needed : List.of(Admin.class, org.slf4j.Logger.class)) {
            Path jar = Path.of(
                    needed.getProtectionDomain().getCodeSource().getLocation().getPath());
            path.add(Files.copy(jar, lib.resolve(jar.getFileName())).toString());
        }
        Path classes = Path.of(Intruder.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        String name = Intruder.class.getName().replace('.', '/');
        Path to = Files.createDirectories(lib.resolve(name).getParent());
        try (Stream<Path> all = Files.list(classes.resolve(name).getParent())) {
            for (Path one : all.filter(p -> p.getFileName().toString().startsWith("Intruder"))
                    .toList()) {
                Files.copy(one, to.resolve(one.getFileName()));
            }
        }
        path.add(lib.toString());
        List<String> command = new ArrayList<>();
        if (!user.equals("root")) {
            command.addAll(List.of("setpriv", "--reuid=" + user, "--regid=nogroup", "--clear-groups", "--"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                String.join(":", path),
                Intruder.class.getName()));
        target.forEach((key, value) -> command.add(key + "=" + value));
        return new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectError(dir.resolve("err-" + user).toFile())
                .redirectOutput(output.toFile())
                .start();
    }

    private static Path clients(PostfixHost postfix) {
        return postfix.map().resolveSibling("blocks-clients.lmdb");
    }

    private static String said(Path output) {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return "";
        }
    }
}
