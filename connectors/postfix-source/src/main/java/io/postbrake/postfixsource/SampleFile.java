package io.postbrake.postfixsource;

import io.postbrake.logtail.Checkpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line that was not understood, to look at: it stays on the host, readable by its owner only. */
final class SampleFile {

    private static final Logger LOG = LoggerFactory.getLogger(SampleFile.class);
    private static final int LONGEST = 2000;

    private final Path file;
    private boolean kept;

    SampleFile(Path file) {
        this.file = file;
    }

    Path path() {
        return file;
    }

    /** Keeps the first one since the start. */
    void keep(byte[] line) {
        if (kept) {
            return;
        }
        kept = true;
        try {
            byte[] some = Arrays.copyOf(line, Math.min(line.length, LONGEST));
            Checkpoint.replace(file, new String(some, StandardCharsets.UTF_8) + "\n");
        } catch (IOException e) {
            LOG.warn("cannot keep a sample in {}: {}", file, e.getMessage());
        }
    }
}
