package io.postbrake.local;

import io.postbrake.embedded.Login;
import io.postbrake.settings.ClusterAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The data directory of one machine, closed to its other users: what is in it is its owner's alone. Only when the map of a
 * Postfix lies in it may others pass through, to that file.
 */
final class PrivateData {

    private static final String OWNER = "rwx------";
    private static final String OWNER_AND_PASSAGE = "rwx--x--x";

    /** Directories of the system's, that its other users need whatever is in them. */
    private static final Set<String> SYSTEMS = Set.of(
            "/bin",
            "/boot",
            "/dev",
            "/etc",
            "/home",
            "/lib",
            "/lib64",
            "/media",
            "/mnt",
            "/opt",
            "/proc",
            "/root",
            "/run",
            "/sbin",
            "/srv",
            "/sys",
            "/tmp",
            "/usr",
            "/usr/local",
            "/var",
            "/var/lib",
            "/var/log",
            "/var/spool",
            "/var/tmp");

    /** What this and earlier versions put there, and what the agent of the same machine does. */
    private static final Set<String> OURS = Set.of(
            "access",
            "agent",
            "broker",
            "connect.offsets",
            "console.token",
            "detector",
            "map",
            "registry.json",
            "state");

    private static final String NAME = "postbrake";
    private static final String NOBODYS = "lost+found";

    private static final String BROKER = "broker";
    /** There from the first start until what it has to say is said. */
    private static final String FIRST_START = "first-start";

    private final Path root;
    private final boolean fresh;

    private PrivateData(Path root, boolean fresh) {
        this.root = root;
        this.fresh = fresh;
    }

    /**
     * Whether this is a first start: no broker ever ran on the directory, or none came so far as to {@link #begun}, such as one whose
     * port was taken.
     */
    boolean isFresh() {
        return fresh;
    }

    /** From now on no start is the first. */
    void begun() throws IOException {
        Files.deleteIfExists(file(FIRST_START));
    }

    /**
     * Makes the directory if it is missing, and closes one that was open.
     *
     * @throws IllegalArgumentException when the directory is not this service's own, and closing it would be felt by others
     * @throws IOException naming the directory when that cannot be done
     */
    static PrivateData open(Path dir, List<LocalConfig.Host> hosts) throws IOException {
        Path absolute = dir.toAbsolutePath().normalize();
        if (!isOurs(absolute, hosts)) {
            throw new IllegalArgumentException(
                    "data is '" + dir + "', which is not Postbrake's alone, and would be closed to"
                            + " all others: give a directory of its own, such as /var/lib/postbrake, that is empty or missing");
        }
        boolean mapInside = hosts.stream()
                .anyMatch(host -> host.map() != null
                        && host.map().toAbsolutePath().normalize().startsWith(absolute));
        boolean unused = !Files.exists(absolute.resolve(BROKER));
        Path root = directory(absolute, mapInside ? OWNER_AND_PASSAGE : OWNER);
        Path mark = directory(root.resolve("state"), OWNER).resolve(FIRST_START);
        if (unused && !Files.exists(mark)) {
            Files.createFile(mark, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        return new PrivateData(root, Files.exists(mark));
    }

    private static boolean isOurs(Path root, List<LocalConfig.Host> hosts) throws IOException {
        if (!Files.isDirectory(root)) {
            return root.getParent() != null && !SYSTEMS.contains(root.toString());
        }
        Path real = root.toRealPath();
        if (real.getParent() == null || SYSTEMS.contains(real.toString())) {
            return false;
        }
        Set<String> ours = new HashSet<>(OURS);
        hosts.stream()
                .filter(host -> host.map() != null)
                .map(host -> host.map().toAbsolutePath().normalize())
                .filter(map -> root.equals(map.getParent()))
                .forEach(map -> ours.add(map.getFileName().toString()));
        try (Stream<Path> there = Files.list(real)) {
            List<String> names = there.map(each -> each.getFileName().toString())
                    .filter(name -> !name.equals(NOBODYS))
                    .toList();
            return names.isEmpty()
                    || real.getFileName().toString().equals(NAME)
                    || names.stream().anyMatch(ours::contains);
        }
    }

    /** A directory in it, mode 0700. */
    Path directory(String name) throws IOException {
        return directory(root.resolve(name), OWNER);
    }

    /** Where a file of its own is or will be, in a directory of mode 0700; one that still lies beside it moves there. */
    Path file(String name) throws IOException {
        Path file = directory("state").resolve(name);
        Path before = root.resolve(name);
        if (Files.exists(before) && !Files.exists(file)) {
            Files.move(before, file);
        }
        return file;
    }

    /** The login of this machine's broker and registry; made once. */
    Login login() throws IOException {
        Path access = directory(ClusterAccess.clientFile(root).getParent(), OWNER);
        return Login.keep(access.resolve("secret"));
    }

    /** Where the token is with which a browser of the owner or of root enters the console. */
    Path consoleToken() {
        return ClusterAccess.consoleToken(root);
    }

    /** Writes how commands of the owner and of root find and enter broker and registry. */
    Path publish(ClusterAccess access) throws IOException {
        Path file = ClusterAccess.clientFile(root);
        access.write(file);
        return file;
    }

    private static Path directory(Path path, String mode) throws IOException {
        try {
            Files.createDirectories(path.getParent());
            if (!Files.isDirectory(path)) {
                Files.createDirectory(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER)));
            }
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
            return path;
        } catch (IOException e) {
            throw new IOException(
                    path + " cannot be kept from the other users of this machine (" + e + "): give a directory of"
                            + " this service's own",
                    e);
        }
    }
}
