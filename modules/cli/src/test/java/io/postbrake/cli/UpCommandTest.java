package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.local.LocalConfig;
import io.postbrake.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpCommandTest {

    private static final Path REPOSITORY = Path.of("../..");

    @Test
    void whoeverStartsItReadsWhatRunsWhereAndWhetherItBlocks() {
        LocalConfig config = read(Map.of("host", "mx1", "log", List.of("/l/a.log", "/l/b*.log"), "map", "/m/b.lmdb"));

        assertThat(UpCommand.lines(config, 9406, 9404))
                .anyMatch(line -> line.contains("/l/a.log,/l/b*.log of mx1"))
                .anyMatch(line -> line.contains("/m/b.lmdb: blocked accounts and addresses are refused"))
                .anyMatch(line -> line.contains("/var/lib/postbrake"))
                .anyMatch(line -> line.contains("http://127.0.0.1:9406/"))
                .anyMatch(line -> line.contains("http://127.0.0.1:9404/metrics"));
    }

    @Test
    void withoutAMapItSaysThatItOnlyWatches() {
        LocalConfig config = read(Map.of("host", "mx1", "log", "/l/a.log", "http.port", -1));

        assertThat(UpCommand.lines(config, -1, -1))
                .anyMatch(line -> line.contains("only watching, nobody is blocked"))
                .anyMatch(line -> line.contains("console  none"))
                .anyMatch(line -> line.contains("metrics  none"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"postbrake", "modules/cli/src/dist/bin/postbrake", "modules/agent/src/dist/bin/postbrake-agent"})
    void everyLauncherOpensWhatLmdbNeedsAndLaterJdksWarnOf(String launcher) throws IOException {
        assertThat(Files.readString(REPOSITORY.resolve(launcher)))
                .contains(
                        "--add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-XX:+IgnoreUnrecognizedVMOptions --enable-native-access=ALL-UNNAMED"
                                + " --sun-misc-unsafe-memory-access=allow");
    }

    private static LocalConfig read(Map<String, Object> values) {
        return LocalConfig.of(Settings.of(values), Path.of("up.yaml"));
    }
}
