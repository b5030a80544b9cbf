package io.postbrake.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetectorConfigTest {

    @TempDir
    private Path dir;

    @Test
    void everyKeyIsOnThePageAndNoOther() throws IOException {
        Matcher rows = Pattern.compile("(?m)^\\| ((?:`[a-z.]+`(?:, )?)+) \\|")
                .matcher(Files.readString(Path.of("../../docs/detector.md")));
        Set<String> documented = new TreeSet<>();
        while (rows.find()) {
            documented.addAll(Set.of(rows.group(1).replace("`", "").split(", ")));
        }

        Settings nothing = Settings.of(Map.of()).collecting();
        var unused = DetectorConfig.of(nothing, dir.resolve("none.yaml"));
        Set<String> known = new TreeSet<>(nothing.keys());
        assertThat(documented).isEqualTo(known);
    }

    @Test
    void profilesAreOnDiskUnlessMemoryIsWanted() throws IOException {
        assertThat(storeOf("")).contains("RocksDB");
        assertThat(storeOf("state.store: memory")).contains("InMemory");
    }

    @Test
    void anUnknownStoreIsRefusedWithWhatWouldBeRight() {
        assertThatThrownBy(() -> storeOf("state.store: tape"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("state.store is 'tape'")
                .hasMessageContaining("disk");
    }

    private String storeOf(String line) throws IOException {
        Path file = Files.writeString(
                dir.resolve("detector.yaml"),
                "kafka: {bootstrap.servers: \"127.0.0.1:9092\"}\nregistry: {url: \"http://127.0.0.1:8081\"}\n" + line);
        return String.valueOf(
                StreamsSettings.of(DetectorConfig.read(file)).get(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG));
    }
}
