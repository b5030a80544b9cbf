package io.postbrake.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.postbrake.simulator.OpenLoop.Decided;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What is said of blocks that were decided of logs in which nobody was stopped. */
class OpenLoopTest {

    private static final int USERS = 60;
    private static final int DAYS = 9;
    private static final long[] SEEDS = {4711, 4712};

    @Test
    void whoeverIsBlockedFromTheAttackOnIsStoppedUntilTheBlockEnds() {
        var loop = new OpenLoop(USERS, DAYS);
        for (long seed : SEEDS) {
            Script script = Script.of(seed, USERS, DAYS);
            List<Decided> all = new ArrayList<>();
            List<Decided> ended = new ArrayList<>();
            for (Attack attack : script.attacks()) {
                long first = attack.start() - Diary.SECOND;
                all.add(block(first, attack.account(), script.start() + DAYS * Diary.DAY));
                ended.add(block(first, attack.account(), first + 1));
            }
            loop.add("nobody", seed, List.of());
            loop.add("ended", seed, ended);
            loop.add("all", seed, all);
        }

        assertThat(loop.toString())
                .contains("| spam leaked, % | 100.00 ± 0.00 | 100.00 ± 0.00 | 0.00 ± 0.00 | -100.00 ± 0.00 |")
                .contains("| attacks blocked, % | 0.00 ± 0.00 | 0.00 ± 0.00 | 100.00 ± 0.00 | 100.00 ± 0.00 |")
                .contains(
                        "| false blocks in 10,000 user-days | 0.00 ± 0.00 | 0.00 ± 0.00 | 0.00 ± 0.00 | 0.00 ± 0.00 |");
    }

    @Test
    void aBlockOfAnOwnerIsAFalseOneAndOneThatIsProlongedIsOne() {
        var loop = new OpenLoop(USERS, DAYS);
        int accounts = 0;
        for (long seed : SEEDS) {
            Script script = Script.of(seed, USERS, DAYS);
            String owner = script.behaviours().keySet().stream()
                    .filter(a -> script.attacks().stream()
                            .noneMatch(attack -> attack.account().equals(a)))
                    .findFirst()
                    .orElseThrow();
            accounts = script.behaviours().size();
            long at = script.start() + 4 * Diary.DAY;
            loop.add(
                    "once",
                    seed,
                    List.of(block(at, owner, at + Diary.DAY), block(at + Diary.DAY / 2, owner, at + 2 * Diary.DAY)));
            loop.add(
                    "twice",
                    seed,
                    List.of(block(at, owner, at + Diary.DAY), block(at + 2 * Diary.DAY, owner, at + 3 * Diary.DAY)));
        }

        double day = 1e4 / (accounts * (DAYS - 3.0));
        assertThat(loop.toString())
                .contains(String.format(
                        Locale.ROOT, "| false blocks in 10,000 user-days | %.2f ± 0.00 | %.2f ± 0.00 |", day, 2 * day));
    }

    /** A worked example of any textbook: t(0.975; 3) = 3.182. */
    @Test
    void anIntervalIsStudents() {
        Mean mean = Mean.of(1, 2, 3, 6);

        assertThat(mean.mean()).isEqualTo(3);
        assertThat(mean.halfWidth()).isCloseTo(3.182 * Math.sqrt(14.0 / 3) / 2, within(1e-9));
    }

    private static Decided block(long at, String account, long until) {
        return new Decided(
                Instant.ofEpochMilli(at), "sasl_user", account, "reject", Instant.ofEpochMilli(until), "because");
    }
}
