package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStackTest {

    @TempDir
    private Path dir;

    @Test
    void aGeoFileThatIsOfNoUseIsToldBeforeAnythingStarts() throws Exception {
        Path geo = Files.writeString(dir.resolve("places.csv"), "network,country\n198.51.100.0/24,FI\n");
        Path file = Files.writeString(dir.resolve("up.yaml"), """
                host: mx1
                log: %1$s/mail.log
                data: %1$s/data
                geo.files: [%2$s]
                """.formatted(dir, geo));
        LocalConfig config = LocalConfig.read(file);
        List<String> started = new ArrayList<>();

        assertThatThrownBy(() -> LocalStack.start(config, started::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("places.csv' cannot be used", "CSV");
        assertThat(started).isEmpty();
        assertThat(dir.resolve("data")).doesNotExist();
    }
}
