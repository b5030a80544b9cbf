package io.postbrake.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.postbrake.block.Block;
import io.postbrake.state.Newcomer;
import io.postbrake.state.RateScale;
import io.postbrake.state.SubjectState;
import io.postbrake.state.Traits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

/**
 * The same input for each key, configuration among it, gives the same output, also over a restart. Arrivals of different hosts that are out of order by
 * up to the lateness give the same profiles and blocked subjects, and block times that differ by at most the lateness.
 */
class Semantics10ReplayTest {
    private static final Duration LATENESS = DetectionConfig.defaults().lateness();
    /** What an operator changes a third of the way. */
    private static final DetectionConfig OTHER = DetectionConfig.of(
            Map.of("detectors.velocity-ceiling.messages-per-hour", 20, "detectors.impossible-travel.dry-run", true));

    /** Claim 1: the same events, ticks, operators' words and configurations for each key give identical output. */
    @Property(tries = 40, seed = "20261124", shrinking = ShrinkingMode.OFF)
    void theSameInputGivesTheSameOutputOverAChangeOfConfigurationAndARestart(@ForAll long seed) {
        restart(seed);
    }

    /** Claims 2 and 3: the same final profiles and blocked subjects, and block times at most the lateness apart. */
    @Property(tries = 60, seed = "20261124", shrinking = ShrinkingMode.OFF)
    void hostsThatAreLateGiveTheSameProfilesAndBlockTheSameSubjectsAtMostTheLatenessApart(@ForAll long seed) {
        reorder(seed);
    }

    @Tag("soak")
    @Property(tries = 5000, shrinking = ShrinkingMode.OFF)
    void arrivalsOutOfOrderMakeNoDifferenceHoweverOftenItIsTried(@ForAll long seed) {
        restart(seed);
        reorder(seed);
    }

    private static void restart(long seed) {
        List<Traffic.Arrival> arrivals = new Traffic(seed).arrivals(Duration.ZERO, true);

        int middle = arrivals.size() / 2;
        int change = arrivals.size() / 3;

        World straight = new World();
        straight.run(arrivals.subList(0, change));
        straight.configured(OTHER);
        straight.run(arrivals.subList(change, arrivals.size()));
        World broken = new World();
        broken.run(arrivals.subList(0, change));
        broken.configured(OTHER);
        broken.run(arrivals.subList(change, middle));
        World resumed = broken.restarted();
        resumed.configured(OTHER);
        // The shipper sends again what the broker had not acknowledged.
        resumed.run(arrivals.subList(Math.max(0, middle - 7), arrivals.size()));

        same(resumed.submissions, straight.submissions);
        same(resumed.findings, straight.findings);
        same(resumed.alerts, straight.alerts);
        same(resumed.puts, straight.puts);
        same(resumed.blocks, straight.blocks);
        same(resumed.states, straight.states);
    }

    private static void same(Object seen, Object expected) {
        assertThat(seen.toString()).isEqualTo(expected.toString());
    }

    private static void reorder(long seed) {
        World ordered = new World();
        List<Traffic.Arrival> inOrder = new Traffic(seed).arrivals(Duration.ZERO, false);
        Instant end = inOrder.get(inOrder.size() - 1).at().plus(LATENESS).plusSeconds(2);
        ordered.run(inOrder);
        ordered.ticksUpTo(end);
        World late = new World();
        late.run(new Traffic(seed).arrivals(LATENESS, false));
        late.ticksUpTo(end);

        Map<String, Instant> expected = firstBlocks(ordered);
        Map<String, Instant> seen = firstBlocks(late);
        assertThat(seen.keySet()).as("blocked with seed %d", seed).isEqualTo(expected.keySet());
        expected.forEach((subject, at) -> assertThat(
                        Duration.between(at, seen.get(subject)).abs())
                .as("first block of %s with seed %d", subject, seed)
                .isLessThanOrEqualTo(LATENESS.plusSeconds(1)));
        assertThat(late.blocks.keySet()).as("in force with seed %d", seed).isEqualTo(ordered.blocks.keySet());
        assertThat(late.states.keySet()).isEqualTo(ordered.states.keySet());
        ordered.states.forEach((key, state) -> sameProfile(key + " with seed " + seed, late.states.get(key), state));
    }

    private static Map<String, Instant> firstBlocks(World world) {
        Map<String, Instant> first = new TreeMap<>();
        for (Block block : world.puts) {
            first.putIfAbsent(block.getSubjectType() + ":" + block.getSubject(), block.getDecidedAt());
        }
        return first;
    }

    private static void sameProfile(String what, SubjectState seen, SubjectState expected) {
        assertThat(seen.getMessages()).as(what).isEqualTo(expected.getMessages());
        assertThat(seen.getActiveDays()).as(what).isEqualTo(expected.getActiveDays());
        assertThat(seen.getMinutes()).as(what).isEqualTo(expected.getMinutes());
        assertThat(seen.getHours()).as(what).isEqualTo(expected.getHours());
        assertThat(seen.getOrigins()).as(what).isEqualTo(expected.getOrigins());
        assertThat(seen.getSenders()).as(what).isEqualTo(expected.getSenders());
        assertThat(seen.getPrograms()).as(what).isEqualTo(expected.getPrograms());
        sameNewcomers(what, seen.getNewcomers(), expected.getNewcomers());
        for (int i = 0; i < expected.getPlaces().size(); i++) {
            sameNewcomers(
                    what,
                    seen.getPlaces().get(i).getAccounts(),
                    expected.getPlaces().get(i).getAccounts());
        }
        sameTraits(what, seen.getTraits(), expected.getTraits());
        assertThat(seen.getFailureMinutes()).as(what).isEqualTo(expected.getFailureMinutes());
        assertThat(seen.getPeers()).as(what).isEqualTo(expected.getPeers());
        assertThat(seen.getUsual()).as(what).isEqualTo(expected.getUsual());
        assertThat(seen.getLastPlace()).as(what).isEqualTo(expected.getLastPlace());
        if (what.startsWith("sasl_user")) {
            assertThat(seen.getFirstSeenAt()).as(what).isEqualTo(expected.getFirstSeenAt());
        }
        if (what.startsWith(SubjectKeys.CLIENT_NET) || what.startsWith(SubjectKeys.FLEET)) {
            assertThat(Duration.between(seen.getLastSeenAt(), expected.getLastSeenAt())
                            .abs())
                    .as(what)
                    .isLessThanOrEqualTo(LATENESS);
        } else {
            assertThat(seen.getLastSeenAt()).as(what).isEqualTo(expected.getLastSeenAt());
        }
        for (int i = 0; i < expected.getRates().size(); i++) {
            RateScale a = seen.getRates().get(i);
            RateScale b = expected.getRates().get(i);
            assertThat(a.getWindow()).as(what).isEqualTo(b.getWindow());
            assertThat(a.getCount()).as(what).isEqualTo(b.getCount());
            assertThat(a.getPrevious()).as(what).isEqualTo(b.getPrevious());
            assertThat(a.getExcess()).as(what).isEqualTo(b.getExcess());
            assertThat(a.getWindows()).as(what).isEqualTo(b.getWindows());
        }
    }

    /** What a network and the fleet were told, they were told by whichever attempt arrived first. */
    private static void sameNewcomers(String what, List<Newcomer> seen, List<Newcomer> expected) {
        assertThat(seen)
                .as(what)
                .extracting(Newcomer::getAccount)
                .containsExactlyInAnyOrderElementsOf(
                        expected.stream().map(Newcomer::getAccount).toList());
        for (Newcomer one : expected) {
            Newcomer same = seen.stream()
                    .filter(n -> n.getAccount().equals(one.getAccount()))
                    .findFirst()
                    .orElseThrow();
            assertThat(Duration.between(one.getAt(), same.getAt()).abs())
                    .as(what)
                    .isLessThanOrEqualTo(LATENESS);
        }
    }

    private static void sameTraits(String what, Traits seen, Traits expected) {
        if (expected == null) {
            assertThat(seen).as(what).isNull();
            return;
        }
        for (int field = 0; field < expected.getSchema().getFields().size(); field++) {
            double a = seen.get(field) == null ? 0 : (double) seen.get(field);
            double b = expected.get(field) == null ? 0 : (double) expected.get(field);
            assertThat(a).as(what + " trait " + field).isCloseTo(b, within(1e-9 * Math.max(1, b)));
        }
    }
}
