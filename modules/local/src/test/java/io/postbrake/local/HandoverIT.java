package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.app.Detector;
import io.postbrake.app.DetectorConfig;
import io.postbrake.block.Block;
import io.postbrake.event.MailEvent;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two detectors with warm copies and profiles on disk, replaced one after the other as Kubernetes does it. */
@Timeout(300)
class HandoverIT {

    private static final int PARTITIONS = 2;
    /** Only a thief's two halves together are too many messages. */
    private static final int HALF = 30;
    /** Far beyond {@link Operator}'s patience: an instance that did not leave would be waited for in vain. */
    private static final String SESSION_MS = "280000";

    @TempDir
    private Path dir;

    private int messages;

    @Test
    void aRollingRestartHandsOverWithoutWaitingForASessionToEnd() throws Exception {
        try (Cluster cluster = Cluster.start(dir, PARTITIONS)) {
            var one = Detector.start(config(cluster, "one"));
            var two = Detector.start(config(cluster, "two"));
            try {
                Operator.awaits("both run", () -> one.ready() && two.ready());
                sends(cluster, "first", HALF);
                Operator.awaits("the first halves are judged", () -> accepted(cluster) == messages);
                Operator.awaits("both have profiles on disk", () -> onDisk("one") && onDisk("two"));

                long stopped = System.nanoTime();
                one.close();
                sends(cluster, "first", HALF);
                Operator.awaits("the other instance knows the first halves", () -> blocked(cluster, "first"));
                report("one leaves", stopped);

                var again = Detector.start(config(cluster, "one"));
                try {
                    Operator.awaits("the first is back", again::ready);
                    sends(cluster, "second", HALF);
                    Operator.awaits("the second halves are judged", () -> accepted(cluster) == messages);
                    stopped = System.nanoTime();
                    two.close();
                    sends(cluster, "second", HALF);
                    Operator.awaits("the replaced instance took over", () -> blocked(cluster, "second"));
                    report("the other leaves", stopped);
                    Operator.awaits("every message was taken", () -> accepted(cluster) == messages);
                    assertThat(submissions(cluster)).doesNotHaveDuplicates();
                } finally {
                    again.close();
                }
            } finally {
                one.close();
                two.close();
            }
        }
    }

    private DetectorConfig config(Cluster cluster, String instance) throws IOException {
        return DetectorConfig.read(Files.writeString(dir.resolve(instance + ".yaml"), """
                kafka:
                  bootstrap.servers: "%s"
                  consumer.session.timeout.ms: %s
                  consumer.max.poll.interval.ms: 300000
                  consumer.heartbeat.interval.ms: 500
                registry: {url: "%s"}
                state.dir: %s
                instance.id: %s
                standby.replicas: 1
                partitions: %d
                http.port: -1
                console: {port: -1}
                """.formatted(
                cluster.bootstrap(), SESSION_MS, cluster.gate.url(), dir.resolve(instance), instance, PARTITIONS)));
    }

    /** Accounts enough that either instance has some, from hosts enough for the same. */
    private static List<String> accounts(String wave) {
        return IntStream.range(0, 6).mapToObj(i -> wave + i + "@my-domain.net").toList();
    }

    private void sends(Cluster cluster, String wave, int count) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        for (String account : accounts(wave)) {
            for (int i = 0; i < count; i++) {
                String host = "mx" + messages % 5;
                String id = "Q" + messages;
                cluster.send(
                        Topics.MAIL_EVENTS,
                        host,
                        event("client", host, 2L * messages, id, now)
                                .setService("submission")
                                .setClientIp("201.91.101.26")
                                .setSaslMethod("PLAIN")
                                .setSaslUsername(account)
                                .build());
                cluster.send(
                        Topics.MAIL_EVENTS,
                        host,
                        event("queued", host, 2L * messages + 1, id, now)
                                .setFrom(account)
                                .setSize(1000L)
                                .setNrcpt(1L)
                                .build());
                messages++;
            }
        }
        cluster.flush();
    }

    private static MailEvent.Builder event(String kind, String host, long position, String queueId, Instant at) {
        return MailEvent.newBuilder()
                .setKind(kind)
                .setHostId(host)
                .setSourceId("load")
                .setGeneration(0)
                .setPosition(position)
                .setOccurredAt(at)
                .setReadAt(at)
                .setQueueId(queueId);
    }

    private static boolean blocked(Cluster cluster, String wave) {
        Set<String> blocked = new HashSet<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            for (Block block : cluster.read(Topics.BLOCKS, partition)) {
                blocked.add(block.getSubject());
            }
        }
        return blocked.containsAll(accounts(wave));
    }

    private static List<String> submissions(Cluster cluster) {
        return IntStream.range(0, PARTITIONS)
                .boxed()
                .flatMap(partition -> cluster.read(Topics.MAIL_SUBMISSIONS, partition).stream())
                .map(s -> s.getQueueId() + " " + s.getPhase())
                .toList();
    }

    private static long accepted(Cluster cluster) {
        return submissions(cluster).stream().filter(s -> s.endsWith("ACCEPTED")).count();
    }

    private boolean onDisk(String instance) {
        try (var files = Files.walk(dir.resolve(instance))) {
            return files.anyMatch(file -> file.endsWith("CURRENT"));
        } catch (IOException | UncheckedIOException e) {
            return false; // Something went away under the walk.
        }
    }

    private static void report(String what, long since) {
        System.out.printf(
                "%s: all blocked after %d ms%n", what, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
    }
}
