package io.postbrake.postfixsource;

import io.postbrake.logtail.Checkpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The shipper's own directory, which nobody else may read: it keeps text of lines that were not understood. */
final class StateDir {

    private static final Logger LOG = LoggerFactory.getLogger(StateDir.class);
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final int KEY_BYTES = 32;
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    private StateDir() {}

    static void create(Path dir) throws IOException {
        Files.createDirectories(dir);
        if (!Files.getPosixFilePermissions(dir).equals(PRIVATE)) {
            Files.setPosixFilePermissions(dir, PRIVATE);
        }
    }

    /** The file of this host's own key for recipients, made when there is none. */
    static Path recipientsKey(Path dir) throws IOException {
        Path file = dir.resolve("recipients.key");
        if (!Files.exists(file)) {
            byte[] key = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(key);
            create(dir);
            Checkpoint.replace(file, HexFormat.of().formatHex(key) + "\n");
        }
        return file;
    }

    /** The id of this host: the configured one, else the one that was made and put on record at the first start. */
    static String hostId(Path dir, String configured) throws IOException {
        if (!configured.isBlank()) {
            return configured;
        }
        Path file = dir.resolve("host.id");
        try {
            String known = Files.readString(file).strip();
            if (!known.isEmpty()) {
                return known;
            }
        } catch (NoSuchFileException e) {
            LOG.debug("no {} yet", file);
        }
        String name = Files.isReadable(HOST_NAME)
                ? Files.readString(HOST_NAME, StandardCharsets.US_ASCII).strip().replaceAll("[^A-Za-z0-9.-]", "")
                : "host";
        String made = name + "-" + UUID.randomUUID().toString().substring(0, 8);
        Checkpoint.replace(file, made + "\n");
        LOG.info("host.id is not set: this host is {} from now on", made);
        return made;
    }
}
