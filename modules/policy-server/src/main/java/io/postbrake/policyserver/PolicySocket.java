package io.postbrake.policyserver;

import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Objects;

/** Where the questions come in. */
final class PolicySocket {

    private static final int WAITING = 500;

    private PolicySocket() {}

    /**
     * Listens. A unix socket is its group's and its owner's, nobody else's; one that an earlier process left is replaced.
     *
     * @throws IllegalArgumentException naming the setting, its value and what would be right
     */
    static ServerSocketChannel bind(SocketAddress address, String group) throws IOException {
        if (address instanceof UnixDomainSocketAddress unix) {
            return unix(unix.getPath(), group);
        }
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            return server.bind(address, WAITING);
        } catch (BindException e) {
            server.close();
            throw new IllegalArgumentException(
                    "quotas.listen is 'inet:" + address.toString().replaceFirst("^.*/", "")
                            + "': this machine has no such address, or another program listens there (`ss -ltnp` names"
                            + " it); end that, or give another port",
                    e);
        }
    }

    private static ServerSocketChannel unix(Path path, String group) throws IOException {
        Path dir = Objects.requireNonNull(path.toAbsolutePath().getParent(), "a socket has a name");
        GroupPrincipal readers = group(path, group);
        if (!Files.isDirectory(dir)) {
            makeDirectory(path, dir, readers);
        }
        replace(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path), WAITING);
            var view = Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            PosixFileAttributes made = view.readAttributes();
            if (!made.group().equals(readers)) {
                view.setGroup(readers);
            }
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
            return server;
        } catch (IOException e) {
            server.close();
            throw new IllegalArgumentException(
                    "quotas.listen is 'unix:" + path + "': the socket cannot be made (" + e.getMessage() + "). "
                            + advice(dir, group),
                    e);
        }
    }

    private static GroupPrincipal group(Path path, String group) throws IOException {
        try {
            return path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
        } catch (UserPrincipalNotFoundException e) {
            throw new IllegalArgumentException(
                    "quotas.socket.group is '" + group + "': there is no such group; give the one that Postfix runs as",
                    e);
        }
    }

    private static void makeDirectory(Path path, Path dir, GroupPrincipal group) {
        try {
            Files.createDirectory(dir);
            Files.getFileAttributeView(dir, PosixFileAttributeView.class).setGroup(group);
            Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-x---"));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "quotas.listen is 'unix:" + path + "': its directory is missing. " + advice(dir, group.getName()),
                    e);
        }
    }

    private static String advice(Path dir, String group) {
        return "Make the directory for this process: install -d -o " + System.getProperty("user.name") + " -g " + group
                + " -m 2750 " + dir;
    }

    private static void replace(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IllegalArgumentException(
                    "quotas.listen is 'unix:" + path + "': that is no socket; give a path where nothing is");
        }
        try (SocketChannel other = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new IllegalArgumentException("quotas.listen is 'unix:" + path + "': another process listens there ("
                    + other.getRemoteAddress() + "); end it, or give another path");
        } catch (IOException e) {
            Files.delete(path); // Nobody listens.
        }
    }
}
