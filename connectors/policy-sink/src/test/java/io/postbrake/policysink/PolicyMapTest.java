package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyMapTest {

    private static final int ENTRIES = 5000;

    @TempDir
    private Path dir;

    private Path path;

    @BeforeEach
    void aMapOfManyPages() throws IOException {
        path = dir.resolve("blocked.lmdb");
        try (PolicyMap map = PolicyMap.open(path, 64 << 20)) {
            map.rebuild(to -> {});
            map.apply(many("user"));
            map.apply(Map.of("user1", entry("HOLD changed")));
        }
    }

    @Test
    void aWholeMapIsOpenedAsItIs() throws IOException {
        try (PolicyMap map = PolicyMap.open(path, 64 << 20)) {
            assertThat(map.lost()).isFalse();
            assertThat(map.count()).isEqualTo(ENTRIES);
            assertThat(Tables.all(map).get("user1")).isEqualTo(entry("HOLD changed"));
            assertThat(Tables.all(map).get("user2")).isEqualTo(new Entry("REJECT 5.7.1 2", 1_772_366_400_002L));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"empty", "text", "cut", "gone"})
    void aDamagedFileIsLostAndBuiltAnew(String damage) throws IOException {
        switch (damage) {
            case "empty" -> Files.write(path, new byte[0]);
            case "text" -> Files.writeString(path, "bob@my-domain.net REJECT\n".repeat(2000));
            case "cut" -> {
                try (var file = FileChannel.open(path, StandardOpenOption.WRITE)) {
                    file.truncate(file.size() / 2);
                }
            }
            default -> Files.delete(path);
        }

        try (PolicyMap map = PolicyMap.open(path, 64 << 20)) {
            assertThat(map.lost()).isTrue();
            assertThat(Tables.all(map)).isEmpty();

            map.rebuild(Map.of("bob@my-domain.net", entry("REJECT"))::forEach);
            assertThat(map.lost()).isFalse();
        }
        assertThat(PolicyMap.read(path, "bob@my-domain.net")).contains("REJECT");
    }

    /** LMDB itself would follow such a page and might end the process. */
    @Test
    void noOverwrittenPageIsTrusted() throws IOException {
        var random = new Random(7);
        byte[] whole = Files.readAllBytes(path);
        int found = 0;
        int pages = whole.length / 4096;
        for (int trial = 0; trial < 60; trial++) {
            byte[] damaged = whole.clone();
            byte[] noise = new byte[4096];
            random.nextBytes(noise);
            System.arraycopy(noise, 0, damaged, 4096 * random.nextInt(pages), 4096);
            Files.write(path, damaged);
            try (PolicyMap map = PolicyMap.open(path, 64 << 20)) {
                if (map.lost()) {
                    found++;
                } else {
                    // The page was a free one.
                    assertThat(Tables.all(map)).hasSize(ENTRIES);
                }
            }
        }
        assertThat(found).isGreaterThan(30);
    }

    @Test
    void theMapGrowsBeyondItsFirstSizeAndSaysWhenItMayNot() throws IOException {
        Map<String, Entry> large = new HashMap<>();
        String text = "REJECT 5.7.1 " + "x".repeat(400);
        for (int i = 0; i < 200_000; i++) {
            large.put("someone-with-a-long-name-" + i + "@my-domain.net", entry(text));
        }
        try (PolicyMap map = PolicyMap.open(path, 1L << 30)) {
            map.apply(large);

            assertThat(map.size()).isGreaterThan(64L << 20);
            assertThat(map.count()).isEqualTo(ENTRIES + 200_000);
        }
        Path small = dir.resolve("small.lmdb");
        try (PolicyMap map = PolicyMap.open(small, 1 << 20)) {
            map.rebuild(Map.of("first", entry("REJECT"))::forEach);
            assertThatThrownBy(() -> map.apply(large))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("policy.map.size");
            assertThat(map.get("first")).isEqualTo("REJECT");
        }
    }

    /** What stands behind the first NUL is ours: Postfix ends its strings there. */
    @Test
    void endsAreBehindTheReply() {
        var bytes = new MapBytes();
        ByteBuffer value = bytes.value(new Entry("REJECT no", 1_772_366_400_000L));
        byte[] raw = new byte[value.remaining()];
        value.duplicate().get(raw);

        assertThat(new String(raw, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("REJECT no\0001772366400000\0");
        assertThat(MapBytes.entry(value)).isEqualTo(new Entry("REJECT no", 1_772_366_400_000L));
        assertThat(MapBytes.entry(ByteBuffer.wrap("OLD".getBytes(java.nio.charset.StandardCharsets.US_ASCII))))
                .isEqualTo(entry("OLD"));
    }

    private static Map<String, Entry> many(String prefix) {
        Map<String, Entry> result = new HashMap<>();
        for (int i = 0; i < ENTRIES; i++) {
            result.put(prefix + i, new Entry("REJECT 5.7.1 " + i, 1_772_366_400_000L + i));
        }
        return result;
    }

    private static Entry entry(String reply) {
        return new Entry(reply, Entry.NEVER);
    }

    @Test
    void whoCannotLoadTheLibraryIsToldSoAtEachTry() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + dir.resolve("not-there"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WithoutLibrary.class.getName(),
                        dir.resolve("blocked.lmdb").toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();

        List<String> said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();

        assertThat(said).containsExactly("ExceptionInInitializerError", "NoClassDefFoundError");
    }
}
