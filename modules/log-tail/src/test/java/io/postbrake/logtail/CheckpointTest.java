package io.postbrake.logtail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {

    @TempDir
    private Path dir;

    @Test
    void itNeverRunsAheadOfTheBroker() {
        var waiting = new InFlightOffsets<>(SafePlace::sameText);
        Object first = new Object();
        Object third = new Object();
        waiting.sent(first, new SafePlace(at(1), 1));
        waiting.skipped(new SafePlace(at(2), 2));
        waiting.sent(third, new SafePlace(at(3), 3));

        waiting.acknowledged(third);
        assertThat(waiting.take()).isEmpty();
        waiting.acknowledged(first);
        assertThat(waiting.take()).containsExactly(new SafePlace(at(3), 3));
    }

    @Test
    void itIsReadAsItWasWritten() throws IOException {
        var checkpoint = new Checkpoint(dir, dir.resolve("mail.log"));
        assertThat(checkpoint.existed()).isFalse();

        checkpoint.write(List.of(new ReadState(at(7), -3, 11), new ReadState(new Position("ff", 2, 0), 0, -1)));

        List<ReadState> states = checkpoint.read();
        assertThat(states).extracting(ReadState::position).containsExactly(at(7), new Position("ff", 2, 0));
        assertThat(states.get(0).tail).isEqualTo(-3);
        assertThat(states.get(0).inode).isEqualTo(11);
    }

    @Test
    void oneThatWasCutAnywhereIsNoneButThereWasOne() throws IOException {
        var checkpoint = new Checkpoint(dir, dir.resolve("mail.log"));
        checkpoint.write(List.of(new ReadState(at(123_456), 5, 11), new ReadState(at(9), 5, 12)));
        Path file = dir.resolve(Fingerprint.name(dir.resolve("mail.log")) + ".checkpoint");
        byte[] whole = Files.readAllBytes(file);

        for (int length = 0; length < whole.length - 1; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(checkpoint.read()).as("%d bytes", length).isEmpty();
        }

        Files.delete(file);
        assertThat(checkpoint.read()).isEmpty();
        assertThat(checkpoint.existed()).isTrue();
    }

    private static Position at(long offset) {
        return new Position("file", 0, offset);
    }
}
