package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.block.Block;
import io.postbrake.event.Submission;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code postbrake up} is killed between the halves of a thief's mail and started again at once. */
@Timeout(900)
class UpKilledIT {

    private static final int HALF = 30;
    private static final String HOST = "mx1";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** What it takes without waiting for a session and a transaction of ten seconds; asked for on a quiet machine only. */
    private static final Duration BOUND = Duration.ofSeconds(16);

    @TempDir
    private Path dir;

    private Path log;
    private Path config;
    private MailLog lines;
    private int messages;

    @Test
    void blocksAgainAndCountsEveryMessageOnce() throws Exception {
        assertThat(killed(2)).allMatch(ms -> ms < PATIENCE.toMillis());
    }

    @Test
    @Tag("soak")
    void blocksAgainTenTimes() throws Exception {
        assertThat(killed(10)).allMatch(ms -> ms < BOUND.toMillis());
    }

    /** Milliseconds from each kill until the thief is blocked. */
    private List<Long> killed(int times) throws Exception {
        settle();
        List<Long> took = new ArrayList<>();
        JavaProcess everything = started("first");
        try {
            for (int i = 0; i < times; i++) {
                // Given
                String thief = "thief" + i + "@my-domain.net";
                sends(thief, "41.0.0." + i);
                int before = messages;
                Operator.awaits(
                        "the first half is judged", PATIENCE, () -> accepted().size() >= before);
                // When
                everything.kill();
                long killed = System.nanoTime();
                sends(thief, "41.0.0." + i);
                everything = started("again" + i);
                // Then
                Operator.awaits(
                        "the thief is blocked", PATIENCE, () -> blocked().contains(thief));
                took.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killed));
            }
            Operator.awaits("all is told", PATIENCE, () -> accepted().size() >= messages);
            assertThat(accepted()).hasSize(messages).doesNotHaveDuplicates();
            assertThat(blocked()).hasSize(times);
        } finally {
            everything.close();
        }
        System.out.printf("kill -9 of all of up, started again at once, to the block, ms: %s%n", took);
        return took;
    }

    private void settle() throws IOException {
        log = Files.createFile(dir.resolve("mail.log"));
        lines = new MailLog(log);
        config = Files.writeString(dir.resolve("postbrake.yaml"), """
                host: %s
                watch: 0d
                log: %s
                data: %s
                broker.port: %d
                registry.port: %d
                http.port: -1
                console: {port: -1}
                """.formatted(
                        HOST, log, dir.resolve("data"), JavaProcess.freePort(), JavaProcess.freePort()));
    }

    private JavaProcess started(String name) throws Exception {
        Path up = dir.resolve(name + ".up");
        JavaProcess process = JavaProcess.start(
                dir.resolve("out"),
                List.of("-Xmx512m"),
                JavaProcess.Everything.class,
                config.toString(),
                up.toString());
        Operator.awaits("all is up", PATIENCE, () -> Files.exists(up) || !process.isAlive());
        assertThat(process.isAlive()).as(Files.readString(dir.resolve("out"))).isTrue();
        return process;
    }

    private void sends(String thief, String ip) throws IOException {
        for (int i = 0; i < HALF; i++) {
            lines.message(Instant.now(), thief, ip);
            messages++;
        }
        lines.write();
    }

    /** Blocks grow while mail goes on, so that one may be told more than once. */
    private Set<String> blocked() {
        return read(Topics.BLOCKS).stream().map(Block::getSubject).collect(Collectors.toSet());
    }

    private List<String> accepted() {
        return read(Topics.MAIL_SUBMISSIONS).stream()
                .filter(s -> s.getPhase().equals("ACCEPTED"))
                .map(Submission::getQueueId)
                .toList();
    }

    private <V extends SpecificRecord> List<V> read(Topic<V> topic) {
        try {
            return StackTopics.read(ClusterAccess.read(ClusterAccess.clientFile(dir.resolve("data"))), topic);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
