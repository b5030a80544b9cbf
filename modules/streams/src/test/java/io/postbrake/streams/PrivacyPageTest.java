package io.postbrake.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.geo.GeoLookup;
import io.postbrake.wire.InMemorySchemaRegistry;
import io.postbrake.wire.SchemaAdmin;
import io.postbrake.wire.Topic;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyDescription;
import org.junit.jupiter.api.Test;

/** docs/privacy.md has every topic and every store that there is. */
class PrivacyPageTest {
    private static final Path PAGE = Path.of("../../docs/privacy.md");
    private static final int COLUMNS = 5;

    @Test
    void everyTopicHasItsRow() throws IOException {
        Set<String> all = new TreeSet<>(Set.of(Topics.DEAD_LETTER, Topics.RAW_LINES));
        Topics.all().forEach(topic -> all.add(topic.name()));

        assertThat(rows("topics").keySet()).isEqualTo(all);
    }

    @Test
    void whatIsSaidToBeDeletedAfterDaysIs() throws IOException {
        Map<String, List<String>> rows = rows("topics");

        for (Topic<?> topic : Topics.all()) {
            String kept = rows.get(topic.name()).get(2);
            if (topic.retention().isNegative()) {
                assertThat(kept).as(topic.name()).doesNotContain("35 days");
            } else {
                assertThat(kept).as(topic.name()).startsWith(topic.retention().toDays() + " days");
            }
        }
        assertThat(rows.get(Topics.DEAD_LETTER).get(2)).isEqualTo(Topics.DEAD_LETTER_RETENTION.toDays() + " days");
        assertThat(rows.get(Topics.RAW_LINES).get(2)).isEqualTo(Topics.RAW_LINES_RETENTION.toDays() + " days");
    }

    @Test
    void everyStoreHasItsRow() throws IOException {
        assertThat(rows("stores").keySet()).isEqualTo(stores());
    }

    private static Set<String> stores() {
        var registry = new InMemorySchemaRegistry();
        new SchemaAdmin(registry).register();
        var properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "privacy");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:9092");
        TopologyDescription described = new DetectorTopology(
                        properties,
                        1,
                        registry,
                        GeoLookup.none(),
                        DetectionConfig.defaults(),
                        new DetectorMeters(new SimpleMeterRegistry()))
                .get()
                .describe();
        Set<String> stores = new TreeSet<>();
        described
                .globalStores()
                .forEach(global -> stores.addAll(global.processor().stores()));
        described
                .subtopologies()
                .forEach(sub -> sub.nodes().forEach(node -> {
                    if (node instanceof TopologyDescription.Processor processor) {
                        stores.addAll(processor.stores());
                    }
                }));
        return stores;
    }

    private static Map<String, List<String>> rows(String table) throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf("<!-- " + table + " -->");
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (String line : page.substring(begin, page.indexOf("<!-- end -->", begin))
                .lines()
                .toList()) {
            if (line.startsWith("| `")) {
                List<String> cells = new ArrayList<>();
                for (String cell : line.substring(1, line.length() - 1).split("\\|")) {
                    cells.add(cell.strip());
                }
                assertThat(cells).as(line).hasSize(COLUMNS).doesNotContain("");
                rows.put(cells.get(0).replace("`", ""), cells);
            }
        }
        return rows;
    }
}
