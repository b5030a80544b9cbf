package io.postbrake.postfixsource;

import io.postbrake.logtail.Checkpoint;
import io.postbrake.logtail.Fingerprint;
import io.postbrake.logtail.JournalEntry;
import io.postbrake.logtail.JournalSelection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which entry of a journal the broker has last. Written, synced and renamed, with a check sum; without an entry it says that
 * there was none yet.
 */
final class JournalCheckpoint {

    private static final Logger LOG = LoggerFactory.getLogger(JournalCheckpoint.class);
    private static final String MAGIC = "postbrake-journal 1";
    private static final String NONE = "none";

    private final Path file;

    JournalCheckpoint(Path stateDir, JournalSelection journal) {
        String name = journal.directory() == null ? "journal" : "journal-" + Fingerprint.name(journal.directory());
        file = stateDir.resolve(name + ".checkpoint");
    }

    /** Whether this journal was read before, whatever became of the checkpoint. */
    boolean existed() {
        return Files.exists(file);
    }

    /** Cursor of the last entry; null when there is none on record or it cannot be trusted. */
    String read() throws IOException {
        try {
            List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
            if (lines.size() == 3 && lines.get(0).equals(MAGIC) && lines.get(2).equals(sum(lines.get(1)))) {
                return lines.get(1).equals(NONE) ? null : checked(lines.get(1));
            }
        } catch (NoSuchFileException e) {
            return null;
        } catch (IllegalArgumentException e) {
            LOG.debug("{}: {}", file, e.getMessage());
        }
        LOG.warn("the checkpoint {} is damaged: reading again from the oldest entry that is kept", file);
        return null;
    }

    /**
     * The same cursor.
     *
     * @throws IllegalArgumentException when it is none
     */
    static String checked(String cursor) {
        var unused = JournalEntry.position(cursor);
        return cursor;
    }

    /** Puts an entry on record; null when there is none yet. */
    void write(String cursorOrNull) throws IOException {
        String cursor = cursorOrNull == null ? NONE : cursorOrNull;
        Checkpoint.replace(file, String.join("\n", MAGIC, cursor, sum(cursor)) + "\n");
    }

    /** Forgets that this journal was ever read. */
    void delete() throws IOException {
        Files.deleteIfExists(file);
    }

    private static String sum(String cursor) {
        var sum = new CRC32C();
        sum.update((MAGIC + "\n" + cursor).getBytes(StandardCharsets.ISO_8859_1));
        return "sum " + sum.getValue();
    }
}
