package io.postbrake.postfixsource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Where to go on after a restart: written, synced and renamed, so that it is the old or the new one, never half. */
final class Checkpoint {

    private final Path file;

    Checkpoint(Path file) {
        this.file = file;
    }

    /** The position on record; null when there is none or it cannot be understood. */
    Position read() throws IOException {
        try {
            List<String> words = List.of(Files.readString(file).strip().split(" "));
            return words.size() == 3
                    ? new Position(words.get(0), Long.parseLong(words.get(1)), Long.parseLong(words.get(2)))
                    : null;
        } catch (NoSuchFileException | NumberFormatException e) {
            return null;
        }
    }

    void write(Position position) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        String text = position.sourceId() + " " + position.generation() + " " + position.offset() + "\n";
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
