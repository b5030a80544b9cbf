package io.postbrake.postfixsource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Text that could not be understood stays on the host, readable by its owner only, in a file of bounded size. */
final class Quarantine {

    private final Path file;
    private final long most;

    Quarantine(Path file, long most) {
        this.file = file;
        this.most = most;
    }

    void keep(LogLine line) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        if (Files.size(file) + line.bytes().length > most) {
            return;
        }
        Position at = line.at();
        String head = "%s %d %d %d ".formatted(at.sourceId(), at.generation(), at.offset(), line.length());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
            var buffer = ByteBuffer.allocate(head.length() + line.bytes().length + 1);
            buffer.put(head.getBytes(StandardCharsets.UTF_8))
                    .put(line.bytes())
                    .put((byte) '\n')
                    .flip();
            channel.write(buffer);
        }
    }
}
