package io.postbrake.postfixsource;

import io.postbrake.logtail.Checkpoint;
import io.postbrake.logtail.Position;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** Text that could not be understood stays on the host, readable by its owner only, in a file of bounded size. */
final class Quarantine {

    private final Path file;
    private final long most;

    Quarantine(Path file, long most) {
        this.file = file;
        this.most = most;
    }

    /** Keeps a text; false when there is no room for it. */
    boolean keep(byte[] text, Position at, long length) throws IOException {
        String head = "%s %d %d %d ".formatted(at.sourceId(), at.generation(), at.offset(), length);
        var buffer = ByteBuffer.allocate(head.length() + text.length + 1);
        buffer.put(head.getBytes(StandardCharsets.UTF_8))
                .put(text)
                .put((byte) '\n')
                .flip();
        var options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        try (FileChannel channel = FileChannel.open(file, options, Checkpoint.PRIVATE_FILE)) {
            if (channel.size() + buffer.remaining() > most) {
                return false;
            }
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            return true;
        }
    }
}
