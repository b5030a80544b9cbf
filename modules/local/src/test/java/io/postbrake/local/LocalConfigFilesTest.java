package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalConfigFilesTest {

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

        assertThatThrownBy(() -> LocalConfig.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("geo.files", "places.csv' cannot be used", "CSV");
    }
}
