package io.postbrake.mail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** A file that holds one secret on its first line. */
public final class SecretFile {

    private static final long LONGEST = 64L * 1024;
    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

    private SecretFile() {}

    /**
     * The secret in {@code file}, of which no message says anything.
     *
     * @throws IOException naming the file and what would be right, when it cannot be read, others than its owner may read
     *     or change it, or it holds no secret
     */
    public static String read(Path file) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new IOException("'" + file + "' cannot be read: give a file with the secret on its only line");
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
        // Whoever is no owner of it, such as a service whose files are root's, reads it as one of its group.
        boolean own = Files.getOwner(file).getName().equals(System.getProperty("user.name"));
        if (mode.stream().anyMatch(OF_OTHERS::contains) || (own && mode.contains(PosixFilePermission.GROUP_READ))) {
            throw new IOException("'" + file + "' can be read or changed by others: give it mode 0600");
        }
        if (Files.size(file) > LONGEST) {
            throw new IOException("'" + file + "' is too long for a secret");
        }
        String secret = Files.readString(file, StandardCharsets.UTF_8).strip();
        if (secret.isEmpty() || secret.chars().anyMatch(Character::isISOControl)) {
            throw new IOException("'" + file + "' must hold the secret on its only line");
        }
        return secret;
    }
}
