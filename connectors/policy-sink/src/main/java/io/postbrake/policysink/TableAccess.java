package io.postbrake.policysink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may open a table: whoever can read a file can hold its lock, and so keep a block out of it. smtpd opens its tables as
 * root, before it goes into its chroot and becomes the user postfix; proxymap opens them as that user.
 */
final class TableAccess {

    /** What a file has until it is {@link #settle settled}. */
    static final FileAttribute<Set<PosixFilePermission>> OWNERS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final Logger LOG = LoggerFactory.getLogger(TableAccess.class);
    private static final Set<PosixFilePermission> OWNERS_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> TABLE = PosixFilePermissions.fromString("rw-r-----");
    private static final Set<PosixFilePermission> EVERYBODY = PosixFilePermissions.fromString("rw-r--r--");
    private static final String POSTFIX = "postfix";
    private static final String ROOT = "root";
    /** Directories that were warned of: tables are written often. */
    private static final Set<Path> WARNED = ConcurrentHashMap.newKeySet();

    private TableAccess() {}

    /**
     * Lets the owner and Postfix's group open the table, and nobody else. Where that group is unknown and the owner is not
     * root, as in a pod, the directory's group or the file's own may: whoever runs the enforcer chose it, and without it a Postfix
     * that does not open the table with all rights of root would answer 451 to everybody.
     */
    static void settle(Path file) throws IOException {
        settle(file, POSTFIX, ROOT.equals(System.getProperty("user.name")));
    }

    static void settle(Path file, String postfix, boolean root) throws IOException {
        var view = Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        PosixFileAttributes before = view.readAttributes();
        GroupPrincipal group = group(file, postfix);
        boolean ours = group != null && (before.group().equals(group) || given(view, file, group));
        boolean elsewhere = group == null && !root;
        if (elsewhere) {
            asItsDirectory(view, file, before.group());
        }
        // Without that group nobody but the owner and root need it, and root is who smtpd is.
        Set<PosixFilePermission> mode = ours || elsewhere ? TABLE : OWNERS_ONLY;
        if (elsewhere && WARNED.add(file.toAbsolutePath().getParent())) {
            LOG.warn(
                    "there is no group {} here, so {} is its own group's ({}): run the enforcer with the group that Postfix"
                            + " has on its host, or tables behind proxy: cannot be read, and Postfix answers 451",
                    postfix,
                    file,
                    view.readAttributes().group().getName());
        }
        if (before.permissions().equals(mode)) {
            return;
        }
        boolean open = before.permissions().stream().anyMatch(p -> p.name().startsWith("OTHERS_"));
        try {
            view.setPermissions(mode);
        } catch (IOException e) {
            LOG.warn(
                    "the mode of {} cannot be made {}: {}{}",
                    file,
                    PosixFilePermissions.toString(mode),
                    e.getMessage(),
                    open ? "; anybody on this machine can hold its lock" : "");
            return;
        }
        if (open) {
            LOG.info("{} could be opened by everybody: its mode is {} now", file, PosixFilePermissions.toString(mode));
        }
    }

    /**
     * Lets the owner and a group read the table, and nobody else; the owner alone where there is no such group here or the file
     * cannot be given it, which is logged.
     */
    static void settleFor(Path file, String name) throws IOException {
        var view = Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        GroupPrincipal group = group(file, name);
        boolean given = group != null && (view.readAttributes().group().equals(group) || given(view, file, group));
        if (!given && WARNED.add(file.toAbsolutePath())) {
            LOG.error(
                    "{} cannot be read by the group {}, so that Dovecot refuses nobody: run `getent group {}`, and give"
                            + " {} the group that Dovecot's own user has",
                    file,
                    name,
                    name,
                    DovecotConfig.GROUP);
        }
        view.setPermissions(given ? TABLE : OWNERS_ONLY);
    }

    /** Lets everybody read the table, and the owner alone write it. Only for one that is never written in place: nobody waits for its lock. */
    static void open(Path file) throws IOException {
        Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setPermissions(EVERYBODY);
    }

    /** The first folder on the way to the file into which not everybody may go; null when there is none. */
    static Path closed(Path file) throws IOException {
        for (Path dir = file.toAbsolutePath().normalize().getParent(); dir != null; dir = dir.getParent()) {
            if (Files.isDirectory(dir)
                    && !Files.getPosixFilePermissions(dir).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                return dir;
            }
        }
        return null;
    }

    /** Lets nobody but the owner open the file. */
    static void keep(Path file) throws IOException {
        if (!Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS).equals(OWNERS_ONLY)) {
            try {
                Files.setPosixFilePermissions(file, OWNERS_ONLY);
            } catch (IOException e) {
                LOG.warn("the mode of {} cannot be changed: {}", file, e.getMessage());
            }
        }
    }

    /** A table that was made before the enforcer got another group still has the earlier one; its directory has the new. */
    private static void asItsDirectory(PosixFileAttributeView view, Path file, GroupPrincipal before)
            throws IOException {
        GroupPrincipal group = Files.readAttributes(file.toAbsolutePath().getParent(), PosixFileAttributes.class)
                .group();
        if (!group.equals(before)) {
            try {
                view.setGroup(group);
            } catch (IOException e) {
                LOG.debug("{} keeps its group", file, e);
            }
        }
    }

    private static GroupPrincipal group(Path file, String name) {
        try {
            return file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
        } catch (IOException e) {
            LOG.debug("no group {} here", name, e);
            return null;
        }
    }

    private static boolean given(PosixFileAttributeView view, Path file, GroupPrincipal group) {
        try {
            view.setGroup(group);
            return true;
        } catch (IOException e) {
            LOG.info(
                    "{} stays without the group {} ({}): tables behind proxy: cannot be read, all others can",
                    file,
                    group.getName(),
                    e.getMessage());
            return false;
        }
    }
}
