package io.postbrake.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.benchmarks.FleetMix;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

/** The parts of the bench that need no broker. */
class BenchTest {

    private static final Build NOW = new Build("now", Path.of("a"));
    private static final Build THEN = new Build("then", Path.of("b"));

    @TempDir
    private Path dir;

    @Test
    void theSameTrafficIsMadeForEachBuild() {
        // Given
        Instant one = Instant.parse("2026-01-05T10:00:00Z");
        // When
        String first = new String(new FleetMix(2_000, 7, one).bytes(), StandardCharsets.UTF_8);
        String second = new String(new FleetMix(2_000, 7, one.plusSeconds(300)).bytes(), StandardCharsets.UTF_8);
        // Then
        assertThat(second.replace("10:05:00", "10:00:00")).isEqualTo(first);
        assertThat(new String(new FleetMix(2_000, 8, one).bytes(), StandardCharsets.UTF_8))
                .isNotEqualTo(first);
    }

    @Test
    void ratiosAreThoseOfThePairsAndNotOfTheMedians() throws Exception {
        // Given three rounds in which a slow machine was as slow for both
        var page = new Page(dir, List.of(NOW, THEN), 10, 1_000_000, 3);
        for (double slow : new double[] {1, 2, 3}) {
            page.upFlat(NOW, flat(20 * slow, 10 * slow));
            page.upFlat(THEN, flat(100 * slow, 40 * slow));
            page.fleetFlat(NOW, flat(30 * slow, 10 * slow));
            page.fleetFlat(THEN, flat(90 * slow, 40 * slow));
        }
        page.peer("nobody", java.util.Optional.empty());
        // When
        String text = page.text(null);
        // Then
        assertThat(text)
                .contains("| `now`, `up` | 40.0 (20.0 to 60.0) | 50,000 (33,333 to 100,000) |")
                .contains("`up`: 0.20 times the processor time of `then`, and 0.25 times the time")
                .contains("Four processes: 0.33 times")
                .contains("| nobody | not installed here | |");
    }

    @Test
    void aPlotIsXmlWithABarForEach() throws Exception {
        // Given
        Map<String, Double> bars = new LinkedHashMap<>();
        bars.put("a & b", 10.0);
        bars.put("<c>", 40.0);
        // When
        var document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(Bars.svg("t", bars))));
        // Then
        var rects = document.getElementsByTagName("rect");
        assertThat(rects.getLength()).isEqualTo(2);
        double ten = Double.parseDouble(
                rects.item(0).getAttributes().getNamedItem("width").getNodeValue());
        double forty = Double.parseDouble(
                rects.item(1).getAttributes().getNamedItem("width").getNodeValue());
        assertThat(forty).isCloseTo(4 * ten, org.assertj.core.data.Offset.offset(0.5));
    }

    @Test
    void quantilesAreTimesThatWereSeen() {
        double[] sorted = {1, 2, 3, 4};
        assertThat(Latency.quantile(sorted, 0.5)).isEqualTo(2);
        assertThat(Latency.quantile(sorted, 0.99)).isEqualTo(4);
        assertThat(Latency.quantile(new double[] {5}, 0.5)).isEqualTo(5);
    }

    @Test
    void aBuildThatLosesALineFails() {
        // Given
        var traffic = new Traffic(null);
        String stolen = traffic.nextAccount();
        // When, Then
        assertThatThrownBy(() -> new Truth(1, Set.of(stolen)).mustAgree(traffic))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("0 lines were written, and 1 events stand on the topic");
        assertThatThrownBy(() -> new Truth(0, Set.of("x")).mustAgree(traffic))
                .hasMessage("stolen and not blocked: [" + stolen + "]");
        assertThat(new Truth(0, Set.of("x", stolen)).others(traffic)).isEqualTo(1);
    }

    @Test
    @Timeout(60)
    void aProcessIsWatched() throws Exception {
        // Given
        try (Spawned java = Spawned.java("busy", dir, Busy.class.getName())) {
            // When
            while (java.heard(Pattern.compile("(done)")) == null) {
                Thread.sleep(20);
            }
            Spawned.Usage usage = java.usage();
            // Then it made 200 MB of objects, which its collector saw but for the last young generation
            assertThat(usage.allocated()).isBetween(100L << 20, 260L << 20);
            assertThat(usage.cpu()).isPositive();
            assertThat(usage.residentMib()).isBetween(10L, 900L);
        }
        assertThat(Files.exists(dir.resolve("busy.out"))).isTrue();
    }

    private static FlatOut flat(double cpu, double seconds) {
        return new FlatOut(1_000_000, seconds, Map.of("up", new Spawned.Usage(cpu, 0, 0, 0, 100)), 1);
    }

    /** Makes objects, says so, and stays. */
    static final class Busy {
        private static byte[] last;

        private Busy() {}

        public static void main(String[] args) throws InterruptedException {
            int sum = 0;
            for (int i = 0; i < 2_000; i++) {
                last = new byte[100 << 10];
                sum += last.length;
            }
            System.out.println("done " + sum);
            Thread.currentThread().join();
        }
    }
}
