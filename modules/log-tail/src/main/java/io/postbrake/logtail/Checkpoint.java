package io.postbrake.logtail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where to go on in each text of one log after a restart. Written, synced and renamed, so that it is the old or the new one;
 * a check sum tells a damaged one. A note beside it says that there was one: without it, a log that was never read and a
 * checkpoint that was lost would look the same.
 */
public final class Checkpoint {

    /** Readable by its owner only. */
    public static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
    private static final String MAGIC = "postbrake-checkpoint 1";

    private final Path log;
    private final Path file;
    private final Path note;

    /** The one of {@code log} in {@code stateDir}, which must be there. */
    public Checkpoint(Path stateDir, Path log) {
        this.log = log;
        String name = Fingerprint.name(log);
        file = stateDir.resolve(name + ".checkpoint");
        note = stateDir.resolve(name + ".log");
    }

    /** Whether this log was read before, whatever became of the checkpoint. */
    public boolean existed() {
        return Files.exists(file) || Files.exists(note);
    }

    /** What is on record, oldest text first; empty when there is nothing or it cannot be trusted. */
    public List<ReadState> read() throws IOException {
        List<String> lines;
        try {
            lines = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                    .lines()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
        try {
            int last = lines.size() - 1;
            if (last >= 1 && lines.get(0).equals(MAGIC) && lines.get(last).equals(sum(lines.subList(0, last)))) {
                List<ReadState> states = new ArrayList<>();
                for (String line : lines.subList(1, last)) {
                    states.add(state(line.split(" ")));
                }
                return states;
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            LOG.debug("{}: {}", file, e.getMessage());
        }
        LOG.warn("the checkpoint of {} is damaged: reading again from the oldest file that is kept", log);
        return List.of();
    }

    private static ReadState state(String[] words) {
        var at = new Position(words[0], Long.parseLong(words[1]), Long.parseLong(words[2]));
        return new ReadState(at, Integer.parseInt(words[3]), Long.parseLong(words[4]));
    }

    /** Puts these texts on record, as far as the broker has them. */
    public void write(Iterable<ReadState> states) throws IOException {
        List<String> lines = new ArrayList<>(List.of(MAGIC));
        for (ReadState s : states) {
            Position safe = s.safePosition();
            lines.add(safe.sourceId() + " " + safe.generation() + " " + safe.offset() + " " + s.safeTail() + " "
                    + s.inode());
        }
        lines.add(sum(lines));
        replace(file, String.join("\n", lines) + "\n");
        if (!Files.exists(note)) {
            replace(note, log + "\n");
        }
    }

    /** Forgets that this log was ever read. */
    public void delete() throws IOException {
        Files.deleteIfExists(note);
        Files.deleteIfExists(file);
        syncDirectory(file.getParent());
    }

    private static String sum(List<String> lines) {
        var sum = new CRC32C();
        lines.forEach(line -> sum.update((line + "\n").getBytes(StandardCharsets.ISO_8859_1)));
        return "sum " + sum.getValue();
    }

    /** Puts a file with this text, readable by its owner only, in the place of the old one. */
    public static void replace(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel = FileChannel.open(
                fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE_FILE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncDirectory(file.getParent());
    }

    private static void syncDirectory(Path dir) throws IOException {
        try (FileChannel channel = FileChannel.open(dir, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
