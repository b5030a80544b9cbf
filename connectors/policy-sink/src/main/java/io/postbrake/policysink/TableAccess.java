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
    private static final String POSTFIX = "postfix";

    private TableAccess() {}

    /** Lets the owner and Postfix's group open the table, and nobody else. */
    static void settle(Path file) throws IOException {
        var view = Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        PosixFileAttributes before = view.readAttributes();
        GroupPrincipal group = group(file);
        boolean ours = group != null && (before.group().equals(group) || given(view, file, group));
        // Without that group nobody but the owner and root need it, and root is who smtpd is.
        Set<PosixFilePermission> mode = ours ? TABLE : OWNERS_ONLY;
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

    private static GroupPrincipal group(Path file) {
        try {
            return file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(POSTFIX);
        } catch (IOException e) {
            LOG.debug("no group {} here", POSTFIX, e);
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
                    POSTFIX,
                    e.getMessage());
            return false;
        }
    }
}
