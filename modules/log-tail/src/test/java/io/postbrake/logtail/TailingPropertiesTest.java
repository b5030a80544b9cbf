package io.postbrake.logtail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;

/** Whatever is done to a log, and whenever the shipper is killed: every line arrives, and the detector takes each once. */
class TailingPropertiesTest {

    enum Act {
        APPEND,
        APPEND_LONG,
        HALF,
        RENAME,
        DATE,
        COMPRESS,
        COPY_TRUNCATE,
        READ,
        READ_ALL,
        KILL,
        LOSE_CHECKPOINT,
        DELETE_OLDEST
    }

    @Provide
    Arbitrary<List<Act>> acts() {
        return Arbitraries.frequency(
                        Tuple.of(6, Act.APPEND),
                        Tuple.of(1, Act.APPEND_LONG),
                        Tuple.of(2, Act.HALF),
                        Tuple.of(3, Act.RENAME),
                        Tuple.of(1, Act.DATE),
                        Tuple.of(3, Act.COMPRESS),
                        Tuple.of(2, Act.COPY_TRUNCATE),
                        Tuple.of(6, Act.READ),
                        Tuple.of(2, Act.READ_ALL),
                        Tuple.of(3, Act.KILL),
                        Tuple.of(1, Act.LOSE_CHECKPOINT),
                        Tuple.of(1, Act.DELETE_OLDEST))
                .list()
                .ofMinSize(5)
                .ofMaxSize(60);
    }

    @Property(tries = 150, shrinking = ShrinkingMode.BOUNDED)
    void nothingIsLostOrTakenTwice(@ForAll("acts") List<Act> acts, @ForAll long seed) throws IOException {
        Path dir = Files.createTempDirectory("tailing");
        try (var world = new World(dir, new Random(seed))) {
            for (Act act : acts) {
                world.does(act);
            }
            // A half line at the end of a rotated file is a line once the next file has begun.
            world.does(Act.APPEND);
            world.readsAll();

            assertThat(world.taken).isEqualTo(world.written);
            if (!acts.contains(Act.KILL) && !acts.contains(Act.LOSE_CHECKPOINT)) {
                assertThat(world.arrived).isEqualTo(world.written.size());
            }
        } finally {
            try (Stream<Path> files = Files.walk(dir)) {
                files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
            }
        }
    }

    /** What the property once found: texts as long as those before them, and inodes that another file has by now. */
    @Example
    void whatOnceWentWrong() throws IOException {
        nothingIsLostOrTakenTwice(
                acts("APPEND, APPEND_LONG, APPEND, APPEND_LONG, COMPRESS, READ_ALL, COPY_TRUNCATE, APPEND,"
                        + " COPY_TRUNCATE"),
                2406698073789151454L);
        nothingIsLostOrTakenTwice(
                acts("APPEND, APPEND, APPEND, APPEND, APPEND_LONG, HALF, APPEND_LONG, APPEND_LONG, APPEND_LONG,"
                        + " RENAME, HALF, HALF, HALF, HALF, HALF, READ, COMPRESS, RENAME, APPEND, APPEND_LONG,"
                        + " READ_ALL, KILL, APPEND, COMPRESS, COPY_TRUNCATE, APPEND, RENAME"),
                313L);
        nothingIsLostOrTakenTwice(
                acts("READ, APPEND, APPEND, RENAME, RENAME, RENAME, RENAME, RENAME, HALF, COMPRESS, READ_ALL,"
                        + " APPEND, COMPRESS, COPY_TRUNCATE, APPEND, RENAME"),
                -16464L);
        nothingIsLostOrTakenTwice(
                acts("APPEND, APPEND, APPEND, RENAME, APPEND, APPEND, APPEND, APPEND, APPEND, APPEND_LONG,"
                        + " APPEND_LONG, APPEND, APPEND, RENAME, APPEND, READ, LOSE_CHECKPOINT, READ,"
                        + " LOSE_CHECKPOINT, APPEND, APPEND_LONG, READ, APPEND, APPEND, COMPRESS, APPEND, APPEND,"
                        + " COPY_TRUNCATE, READ"),
                211981L);
    }

    private static List<Act> acts(String names) {
        return Stream.of(names.split(", ")).map(Act::valueOf).toList();
    }

    /** A log, its writer and rotator, a shipper that may die, and a detector. */
    private static final class World implements AutoCloseable {

        private final LogDriver log;
        private final Path logs;
        private final Random random;
        private final Checkpoint checkpoint;
        private final List<String> written = new ArrayList<>();
        private final List<String> taken = new ArrayList<>();
        private final Map<String, Long> watermarks = new HashMap<>();
        private final List<LogLine> unacknowledged = new ArrayList<>();
        private String half = "";
        private long arrived;
        private int lines;
        private int date = 20_260_101;
        private boolean dated;
        private boolean counted;

        World(Path dir, Random random) throws IOException {
            this.random = random;
            logs = Files.createDirectory(dir.resolve("logs"));
            log = new LogDriver(logs);
            checkpoint = new Checkpoint(Files.createDirectory(dir.resolve("state")), log.log);
            log.starts();
        }

        void does(Act act) throws IOException {
            switch (act) {
                case APPEND -> {
                    for (int i = random.nextInt(5); i >= 0; i--) {
                        appends("line " + lines++ + "-".repeat(random.nextInt(80)), true);
                    }
                }
                case APPEND_LONG -> appends("long " + lines++ + "x".repeat(random.nextInt(300_000)), true);
                case HALF -> appends("half " + lines++, false);
                case RENAME -> rotates(false, false);
                case DATE -> rotates(true, false);
                case COPY_TRUNCATE -> rotates(false, true);
                case COMPRESS -> compresses();
                case READ -> reads(1 + random.nextInt(6));
                case READ_ALL -> readsAll();
                case KILL -> kill();
                case LOSE_CHECKPOINT -> {
                    kill();
                    Path file = logs.resolveSibling("state").resolve(Fingerprint.name(log.log) + ".checkpoint");
                    if (Files.exists(file)) {
                        byte[] whole = Files.readAllBytes(file);
                        Files.write(file, java.util.Arrays.copyOf(whole, random.nextInt(whole.length - 1)));
                    }
                    log.starts(checkpoint.read());
                }
                case DELETE_OLDEST -> deletesOldest();
            }
        }

        private void appends(String text, boolean whole) throws IOException {
            log.append(text + (whole ? "\n" : ""));
            half += text;
            if (whole) {
                wrote();
            }
        }

        private void wrote() {
            written.add(half.length() > LogDriver.MAX_LINE ? half.substring(0, LogDriver.MAX_LINE) : half);
            half = "";
        }

        private void rotates(boolean byDate, boolean copy) throws IOException {
            boolean useDate = dated || (byDate && !counted);
            if (!Files.exists(log.log) || Files.size(log.log) == 0 || (copy && !half.isEmpty())) {
                return;
            }
            String to;
            if (useDate) {
                dated = true;
                to = "mail.log-" + date++;
            } else {
                counted = true;
                for (int i = 40; i >= 1; i--) {
                    for (String end : new String[] {"", ".gz"}) {
                        if (Files.exists(logs.resolve("mail.log." + i + end))) {
                            log.rename("mail.log." + i + end, "mail.log." + (i + 1) + end);
                        }
                    }
                    if (random.nextInt(50) == 0) {
                        reads(1);
                    }
                }
                to = "mail.log.1";
            }
            if (copy) {
                log.copyAndTruncate(to);
                return;
            }
            log.rename("mail.log", to);
            if (random.nextBoolean()) {
                reads(1);
            }
            if (!half.isEmpty()) {
                if (random.nextBoolean()) {
                    log.append(to, " finished late\n");
                    half += " finished late";
                }
                wrote();
            }
        }

        private List<Path> rotated() throws IOException {
            try (Stream<Path> files = Files.list(logs)) {
                return files.filter(f -> !f.equals(log.log)).toList();
            }
        }

        private void compresses() throws IOException {
            for (Path file : rotated()) {
                if (!file.toString().endsWith(".gz") && random.nextBoolean()) {
                    log.compress(file.getFileName().toString());
                }
            }
        }

        /** As retention does, after all was shipped. */
        private void deletesOldest() throws IOException {
            readsAll();
            acknowledges(unacknowledged.size());
            List<Path> files = new ArrayList<>(rotated());
            if (taken.size() == written.size() && half.isEmpty() && !files.isEmpty()) {
                files.sort(Comparator.comparing(Path::toString));
                Files.delete(files.get(dated ? 0 : files.size() - 1));
            }
        }

        private void reads(int most) throws IOException {
            if (random.nextInt(4) == 0) {
                log.tailer().rescan();
            }
            receives(log.tailer().poll(most, 1 << 20));
        }

        private void readsAll() throws IOException {
            log.tailer().rescan();
            receives(log.readsAll());
        }

        private void receives(List<LogLine> read) {
            for (LogLine line : read) {
                arrived++;
                unacknowledged.add(line);
                Position at = line.at();
                String source = at.sourceId() + " " + at.generation();
                if (watermarks.getOrDefault(source, -1L) < at.offset()) {
                    watermarks.put(source, at.offset());
                    taken.add(new String(line.bytes(), StandardCharsets.UTF_8));
                }
            }
        }

        private void acknowledges(int count) throws IOException {
            for (LogLine line : unacknowledged.subList(0, count)) {
                for (ReadState state : log.tailer().known()) {
                    if (state.is(line.next())) {
                        state.safe(line.next().offset(), line.tail());
                    }
                }
            }
            unacknowledged.subList(0, count).clear();
            checkpoint.write(log.tailer().known());
        }

        private void kill() throws IOException {
            acknowledges(random.nextInt(unacknowledged.size() + 1));
            unacknowledged.clear();
            log.starts(checkpoint.read());
        }

        @Override
        public void close() throws IOException {
            log.close();
        }
    }
}
