package io.postbrake.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.util.Environment;

class StateDirTest {

    private static final String APPLICATION = "detector";

    @TempDir
    private Path temporary;

    private Path dir;
    private Properties settings;

    @BeforeEach
    void directory() {
        dir = temporary.resolve("state");
        settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, APPLICATION);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    }

    @Test
    void isClosedToOthersAlsoAfterStreamsOpenedIt() throws IOException {
        var state = new StateDir(dir);
        state.prepare();
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-x---"));

        state.settle(settings);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir)))
                .isEqualTo("rwx------");
    }

    @Test
    void holdsRocksDbsLibraryOnce() throws IOException {
        new StateDir(dir).prepare();

        new StateDir(dir).prepare();

        try (var files = Files.walk(dir)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .containsExactly(Environment.getJniLibraryFileName("rocksdbjni"));
        }
    }

    @Test
    void whatAKilledInstanceLeftIsRemovedAndWhatAStoppedOneLeftStays() throws IOException {
        Path killed = store("0_1");
        Path stopped = store("0_2");
        Files.writeString(stopped.getParent().resolve(".checkpoint_subject-states"), "0");
        Path process = Files.writeString(dir.resolve(APPLICATION).resolve("kafka-streams-process-metadata"), "{}");

        new StateDir(dir).settle(settings);

        assertThat(killed).doesNotExist();
        assertThat(stopped.resolve("subject-states").resolve("CURRENT")).exists();
        assertThat(process).exists();
    }

    @Test
    void withoutExactlyOnceAllOfItIsOfUse() throws IOException {
        Path killed = store("0_1");
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);

        new StateDir(dir).settle(settings);

        assertThat(killed.resolve("subject-states").resolve("CURRENT")).exists();
    }

    @Test
    void oneThatCannotBeIsRefusedByItsKey() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "");

        assertThatThrownBy(() -> new StateDir(file.resolve("state")).prepare())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("state.dir is '" + file.resolve("state") + "'");
    }

    private Path store(String task) throws IOException {
        Path store = Files.createDirectories(
                dir.resolve(APPLICATION).resolve(task).resolve("rocksdb").resolve("subject-states"));
        Files.writeString(store.resolve("CURRENT"), "MANIFEST");
        return store.getParent();
    }
}
