package io.postbrake.policysink;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For which blocks the command was run, the newest, over restarts too. A run is put down after it ended: one that the
 * enforcer's own death cut short comes once more.
 */
final class HookLedger {
    private static final Logger LOG = LoggerFactory.getLogger(HookLedger.class);
    private static final int MOST = 10_000;
    private static final String NONE = "-";

    private final Path file;
    /** What is in force, by subject; in order of time. */
    private final Map<String, String> told = new LinkedHashMap<>();

    private int lines;

    HookLedger(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                String[] cells = line.split("\t", -1);
                if (cells.length == 2) {
                    remember(decoded(cells[0]), decoded(cells[1]));
                }
            }
        }
        rewrite();
    }

    /** What the command was told last of a subject; null when it was told nothing, or of the end. */
    synchronized String of(String subject) {
        return told.get(subject);
    }

    /** The command was told this of a subject; null: that its block ended. */
    synchronized void put(String subject, String whatOrNull) {
        remember(subject, whatOrNull == null ? NONE : whatOrNull);
        try {
            if (++lines > 2 * MOST) {
                rewrite();
            } else {
                Files.writeString(
                        file,
                        line(subject, whatOrNull == null ? NONE : whatOrNull),
                        StandardCharsets.ISO_8859_1,
                        StandardOpenOption.APPEND);
            }
        } catch (IOException e) {
            LOG.warn(
                    "{} cannot be written, after a restart the command may be run once more: {}", file, e.getMessage());
        }
    }

    private void remember(String subject, String what) {
        told.remove(subject);
        if (!what.equals(NONE)) {
            told.put(subject, what);
        }
        if (told.size() > MOST) {
            told.remove(told.keySet().iterator().next());
        }
    }

    private void rewrite() throws IOException {
        var text = new StringBuilder();
        told.forEach((subject, what) -> text.append(line(subject, what)));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (var out = Files.newByteChannel(
                fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            var bytes = StandardCharsets.ISO_8859_1.encode(text.toString());
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        lines = told.size();
    }

    private static String line(String subject, String what) {
        return String.join("\t", List.of(encoded(subject), encoded(what))) + "\n";
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // Half a line, after a crash.
        }
    }
}
