package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaidFileTest {

    private static final long LIMIT = 64L << 20;

    @TempDir
    private Path dir;

    private SaidFile said;

    @BeforeEach
    void open() throws IOException {
        said = SaidFile.create(dir.resolve("blocked.lmdb.said"), LIMIT);
    }

    @AfterEach
    void close() throws IOException {
        said.close();
    }

    @Test
    void itIsAsAMapInMemoryWouldBe() throws IOException {
        var random = new Random(7);
        Map<String, SaidFile.Said> expected = new TreeMap<>();
        for (int i = 0; i < 20_000; i++) {
            String key = "user" + random.nextInt(500) + "@my-domain.net";
            SaidFile.Said before = expected.getOrDefault(key, SaidFile.Said.NOTHING);
            Wanted wanted = random.nextInt(3) == 0 ? null : wanted(random);
            SaidFile.Said after;
            if (random.nextBoolean()) {
                said.block(key, wanted);
                after = new SaidFile.Said(wanted, before.word());
            } else {
                said.word(key, wanted);
                after = new SaidFile.Said(before.block(), wanted);
            }
            expected.put(key, after);
            if (after.equals(SaidFile.Said.NOTHING)) {
                expected.remove(key);
            }
            if (random.nextInt(50) == 0) {
                said.flush();
            }
        }

        Map<String, SaidFile.Said> there = new TreeMap<>();
        String last = null;
        for (var page = said.after(last, 7); !page.isEmpty(); page = said.after(last, 7)) {
            for (SaidFile.Subject subject : page) {
                last = subject.key();
                assertThat(there.put(last, subject.said())).isNull();
            }
        }
        assertThat(there).isEqualTo(expected);
        assertThat(said.of(List.of("nobody"))).containsEntry("nobody", SaidFile.Said.NOTHING);
    }

    @Test
    void endsComeInTheirOrderAndAreKeptUntilDealtWith() throws IOException {
        said.due(3000, "carol");
        said.due(-5, "dave");
        said.due(1000, "bob");
        said.due(1000, "alice");

        assertThat(said.due(2000, 10)).extracting(SaidFile.Due::key).containsExactly("dave", "alice", "bob");
        said.done(said.due(2000, 2));

        assertThat(said.due(5000, 10)).containsExactly(new SaidFile.Due(1000, "bob"), new SaidFile.Due(3000, "carol"));
    }

    @Test
    void nothingOfAnEarlierProcessIsLeft() throws IOException {
        said.block("bob", wanted(new Random(1)));
        said.flush();
        Path file = dir.resolve("blocked.lmdb.said");
        byte[] whole = Files.readAllBytes(file);
        said.close();
        Files.write(file, whole); // As after kill -9.

        said = SaidFile.create(file, LIMIT);

        assertThat(said.after(null, 10)).isEmpty();
    }

    private static Wanted wanted(Random random) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            texts.add(random.nextInt(4) == 0 ? null : "t\u20ac" + "x".repeat(random.nextInt(1500)));
        }
        return new Wanted(
                "block",
                texts.get(0),
                texts.get(1),
                texts.get(2),
                Instant.ofEpochMilli(random.nextLong() >> 20),
                random.nextBoolean() ? null : Instant.ofEpochMilli(random.nextInt()),
                random.nextBoolean() ? null : Instant.ofEpochMilli(random.nextInt()),
                texts.get(3));
    }
}
