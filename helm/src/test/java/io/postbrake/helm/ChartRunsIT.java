package io.postbrake.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import io.postbrake.testkit.FreePort;
import io.postbrake.testkit.Kubelet;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the chart renders, run as plain processes with the arguments, variables and files that it says. */
class ChartRunsIT {

    private static final String UID = "5f3d8a2e-9f0c-4a51-8d7e-0123456789ab";

    @TempDir
    private Path dir;

    private final List<Process> running = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        for (Process process : running) {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void theRenderedCommandsBlockAStolenAccount() throws Exception {
        int registryPort = FreePort.next();
        try (var broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
                var registry = EmbeddedRegistry.start(dir.resolve("registry.json"), registryPort)) {
            String rendered = Chart.onOneNode(broker.bootstrapServers(), registry.url());

            var prepare = workload(rendered, "Job", "pb-postbrake-prepare");
            finishes(prepare.start(0, log("topics")));
            finishes(prepare.start(1, log("schemas")));
            var detector = workload(rendered, "StatefulSet", "pb-postbrake-detector");
            running.add(detector.start(0, log("detector")));
            var agent = workload(rendered, "DaemonSet", "pb-postbrake-agent");
            Path mail = Path.of(agent.moved("/host/log/mail.log"));
            Files.createDirectories(mail.getParent());
            Files.writeString(mail, StolenAccount.log());
            running.add(agent.start(0, log("agent")));

            ConsumerRecord<String, byte[]> block = StolenAccount.first(broker.bootstrapServers(), Topics.BLOCKS.name());
            Path map = Path.of(agent.moved("/var/lib/postbrake/map/blocked.lmdb"));
            StolenAccount.awaits(() -> Files.exists(map) && StolenAccount.contains(map, StolenAccount.LOGIN));

            assertThat(block.key()).isEqualTo("sasl_user:" + StolenAccount.LOGIN);
        } catch (AssertionError e) {
            for (String name : List.of("topics", "schemas", "detector", "agent")) {
                if (Files.exists(log(name))) {
                    System.err.println("== " + name + "\n" + Files.readString(log(name)));
                }
            }
            throw e;
        }
    }

    @Test
    void aThiefInAPodIsBlockedByWhatItsNodesAgentReadsAndTheChartsOwnTestIsContent() throws Exception {
        int registryPort = FreePort.next();
        try (var broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
                var registry = EmbeddedRegistry.start(dir.resolve("registry.json"), registryPort)) {
            String rendered = Chart.onOneNode(
                    broker.bootstrapServers(),
                    registry.url(),
                    Map.of("agent.mode", "pods", "agent.pods.match[0]", "mail/postfix-*/postfix"));
            var prepare = workload(rendered, "Job", "pb-postbrake-prepare");
            finishes(prepare.start(0, log("topics")));
            finishes(prepare.start(1, log("schemas")));
            running.add(
                    workload(rendered, "StatefulSet", "pb-postbrake-detector").start(0, log("detector")));
            var agent = workload(rendered, "DaemonSet", "pb-postbrake-agent");
            Path pods = Path.of(agent.moved("/var/log/pods"));
            var kubelet = new Kubelet(Files.createDirectories(pods), "mail", "postfix-0", UID);
            for (String line : StolenAccount.log().lines().toList()) {
                kubelet.writes(line);
            }
            running.add(agent.start(0, log("agent")));

            ConsumerRecord<String, byte[]> block = StolenAccount.first(broker.bootstrapServers(), Topics.BLOCKS.name());
            var test = workload(rendered, "Pod", "pb-postbrake-test");
            for (int container = 0; container < 3; container++) {
                finishes(test.start(container, log("test" + container)));
            }

            assertThat(block.key()).isEqualTo("sasl_user:" + StolenAccount.LOGIN);
            assertThat(StolenAccount.first(broker.bootstrapServers(), Topics.MAIL_EVENTS.name())
                            .key())
                    .isEqualTo(UID);
            assertThat(Files.readString(log("test2")))
                    .contains("mail/postfix-0 ok")
                    .contains("mx1-pods");
        } catch (AssertionError e) {
            for (String name : List.of("topics", "schemas", "detector", "agent", "test0", "test1", "test2")) {
                if (Files.exists(log(name))) {
                    System.err.println("== " + name + "\n" + Files.readString(log(name)));
                }
            }
            throw e;
        }
    }

    private Workload workload(String rendered, String kind, String name) throws IOException {
        return new Workload(
                rendered,
                Chart.document(rendered, kind, name),
                dir.resolve("root"),
                Map.of("spec.nodeName", "mx1", "metadata.name", name + "-0", "metadata.namespace", "mail"));
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
