package io.postbrake.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.testkit.FreePort;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The images are built, and run as the chart says, by a real container runtime: a stolen account is blocked through them. */
@Tag("soak")
@Timeout(1800)
class ContainersIT {

    private final List<Process> running = new ArrayList<>();
    /** Not below a directory that the containers' user could not pass through. */
    private Path dir;

    @BeforeEach
    void layOut() throws IOException {
        dir = Files.createTempDirectory(Path.of("/var/tmp"), "postbrake-containers-");
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        for (Process process : running) {
            process.children().forEach(ProcessHandle::destroy);
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
        new ProcessBuilder("rm", "-rf", dir.toString()).start().waitFor();
    }

    @Test
    void theContainersBlockAStolenAccount() throws Exception {
        var missing = BuiltImages.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> "no containers here: " + missing.orElseThrow());
        try (var images = BuiltImages.build();
                var broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
                var registry = EmbeddedRegistry.start(dir.resolve("registry.json"), FreePort.next())) {
            System.out.println(images.said());
            for (String image : List.of("detector", "agent")) {
                assertThat(images.configuration(image))
                        .contains("\"User\": \"65532:65532\"")
                        .contains("org.opencontainers.image.revision");
            }
            String rendered = Chart.onOneNode(broker.bootstrapServers(), registry.url());
            try {
                Container prepare = container(rendered, "Job", "pb-postbrake-prepare", images);
                finishes(prepare.start(0, log("topics")));
                finishes(prepare.start(1, log("schemas")));
                Container detector = container(rendered, "StatefulSet", "pb-postbrake-detector", images);
                running.add(detector.start(0, log("detector")));
                Container agent = container(rendered, "DaemonSet", "pb-postbrake-agent", images);
                // As syslog makes it: root's, and readable for its group alone.
                Path mail = Files.writeString(agent.volume("logs").resolve("mail.log"), StolenAccount.log());
                Files.setAttribute(mail, "unix:gid", 4);
                Files.setPosixFilePermissions(mail, PosixFilePermissions.fromString("rw-r-----"));
                for (int i = 0; i < agent.first(); i++) {
                    finishes(agent.startFirst(i, log("prepare")));
                }
                running.add(agent.start(0, log("agent")));

                ConsumerRecord<String, byte[]> block =
                        StolenAccount.first(broker.bootstrapServers(), Topics.BLOCKS.name());
                Path map = agent.volume("map").resolve("blocked.lmdb");
                StolenAccount.awaits(() -> Files.exists(map) && StolenAccount.contains(map, StolenAccount.LOGIN));

                assertThat(block.key()).isEqualTo("sasl_user:" + StolenAccount.LOGIN);
                assertThat(running).allMatch(Process::isAlive);
                assertThat(Files.getAttribute(map, "unix:uid")).isEqualTo(65532);
                assertThat(mapped(running.get(0))).contains("/opt/postbrake/lib/postbrake.jsa");
                assertThat(mapped(running.get(1))).contains("/opt/postbrake-agent/lib/agent.jsa");
            } catch (AssertionError e) {
                try (Stream<Path> logs = Files.list(dir)) {
                    for (Path log : logs.filter(file -> file.toString().endsWith(".log"))
                            .toList()) {
                        System.err.println("== " + log.getFileName() + "\n" + Files.readString(log));
                    }
                }
                throw e;
            }
        }
    }

    private Container container(String rendered, String kind, String name, BuiltImages images) throws IOException {
        return new Container(
                rendered,
                Chart.document(rendered, kind, name),
                dir.resolve(name),
                Map.of("spec.nodeName", "mx1", "metadata.name", name + "-0", "metadata.namespace", "mail"),
                images);
    }

    /** Files that the container's processes have mapped, such as an archive of classes that they could use. */
    private static String mapped(Process process) throws IOException {
        var files = new StringBuilder();
        for (ProcessHandle inside : process.descendants().toList()) {
            files.append(Files.readString(Path.of("/proc/" + inside.pid() + "/maps")));
        }
        return files.toString();
    }

    private Path log(String name) {
        return dir.resolve(name + ".log");
    }

    private static void finishes(Process process) throws InterruptedException {
        assertThat(process.waitFor(StolenAccount.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
