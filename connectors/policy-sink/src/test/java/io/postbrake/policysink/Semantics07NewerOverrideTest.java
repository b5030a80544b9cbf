package io.postbrake.policysink;

import static io.postbrake.policysink.SinkDriver.BLOCKS;
import static io.postbrake.policysink.SinkDriver.WORDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the host an operator's newest word goes before the detector's block, whether the detector lives or not. */
class Semantics07NewerOverrideTest {

    private static final String OWNER = "owner@my-domain.net";
    private static final String KEY = "sasl_user:" + OWNER;

    @TempDir
    private Path dir;

    private Path path;
    private SinkDriver sink;

    @BeforeEach
    void caughtUp() throws Exception {
        path = dir.resolve("blocked.lmdb");
        sink = new SinkDriver(path, (client, partitions) -> Map.of(BLOCKS, 1L, WORDS, 0L));
        sink.assigned();
        sink.polls(sink.block(KEY, "reject"));
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    sink.polls();
                    return refused();
                });
    }

    @AfterEach
    void close() {
        sink.close();
    }

    @Test
    void unblockNeedsNoTombstoneOfTheDetector() throws Exception {
        sink.polls(sink.word(KEY, "unblock"));

        assertThat(refused()).isFalse();
    }

    @Test
    void theNewerOfTwoWordsCounts() throws Exception {
        sink.polls(sink.word(KEY, "allow"));
        assertThat(refused()).isFalse();
        sink.later(Duration.ofMillis(1));

        sink.polls(sink.word(KEY, "block"));

        assertThat(refused()).isTrue();
    }

    @Test
    void anAllowedAccountIsNotRefusedByALaterBlock() throws Exception {
        sink.polls(sink.word(KEY, "allow"));

        sink.polls(sink.block(KEY, "reject"));

        assertThat(refused()).isFalse();
    }

    private boolean refused() {
        return PolicyMap.read(path, OWNER).isPresent();
    }
}
