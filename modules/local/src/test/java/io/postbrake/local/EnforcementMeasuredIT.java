package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.testkit.Report;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How soon and with how much blocks are in force; for a machine that does nothing else. */
@Tag("soak")
@Timeout(1500)
class EnforcementMeasuredIT {

    private static final int TRIALS = 30;
    private static final int HOSTS = 8;
    private static final int BLOCKS = 1_000_000;

    @TempDir
    private Path dir;

    @Test
    void blocksAreInForceSoonAndAMillionOfThemAreNoBurden() throws Exception {
        RefusalTrials refusals;
        try (var fleet = EnforcedFleet.start(Files.createDirectory(dir.resolve("one")))) {
            refusals = fleet.refusals(TRIALS);
        }
        HostTrials hosts;
        try (var fleet = EnforcedFleet.start(Files.createDirectory(dir.resolve("eight")))) {
            hosts = fleet.hosts(HOSTS, TRIALS);
        }
        try (var fleet = EnforcedFleet.start(Files.createDirectory(dir.resolve("many")));
                var many = new ManyBlocks(fleet, Files.createDirectory(dir.resolve("agent")), BLOCKS)) {
            many.run();
            List<String> body = new ArrayList<>(List.of(
                    "Real Postfix hosts, and a broker in the process of the test (`EnforcementMeasuredIT`). A session is open and"
                            + " sends one message after the other; measured from the moment before the decision's"
                            + " transaction begins, or before `postmap` is started, to the first refusal.",
                    "",
                    "- " + refusals.summary() + ".",
                    "- " + hosts.summary() + ".",
                    ""));
            body.addAll(many.page());

            Report.write("enforcement.md", "Blocks in force", body);

            assertThat(RefusalTrials.p50(refusals.ours())).isLessThan(RefusalTrials.p50(refusals.postmap()) + 25);
            assertThat(hosts.worst()).isLessThan(1000);
            assertThat(many.restoreSeconds()).isLessThan(60);
            assertThat(many.oneMore()).isLessThan(10);
            assertThat(many.heapGrowth())
                    .as("MiB of heap with a million blocks, the newest ten thousand's reports among them")
                    .isLessThan(20);
            assertThat(many.growths()).isPositive();
        }
    }
}
