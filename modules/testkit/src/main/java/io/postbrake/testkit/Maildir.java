package io.postbrake.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The mailboxes of a host that takes mail of its own machine without a login, and delivers what is for a domain. */
public final class Maildir {

    private final Path base;

    private Maildir(Path base) {
        this.base = base;
    }

    /** Lets {@code host} deliver what is for these local parts of {@code domain}; before it is started. */
    public static Maildir of(PostfixHost host, String domain, String... boxes) throws IOException {
        Path base = Files.createDirectory(host.configuration().resolve("mail"));
        var names = base.getFileSystem().getUserPrincipalLookupService();
        Files.getFileAttributeView(base, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setOwner(names.lookupPrincipalByName("nobody"));
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
        int uid = (Integer) Files.getAttribute(base, "unix:uid");
        host.setting("mynetworks", "127.0.0.0/8");
        host.setting("smtpd_recipient_restrictions", "permit_mynetworks, reject");
        host.setting("smtpd_relay_restrictions", "permit_mynetworks, reject");
        host.setting("smtpd_end_of_data_restrictions", "");
        host.setting("virtual_mailbox_domains", domain);
        host.setting("virtual_mailbox_base", base.toString());
        host.setting(
                "virtual_mailbox_maps",
                Stream.of(boxes)
                        .map(box -> "{" + box + "@" + domain + " = " + box + "/}")
                        .collect(Collectors.joining(" ", "inline:{", "}")));
        host.setting("virtual_transport", "virtual");
        host.setting("virtual_minimum_uid", "1");
        host.setting("virtual_uid_maps", "static:" + uid);
        host.setting("virtual_gid_maps", "static:" + uid);
        Files.writeString(
                host.configuration().resolve("master.cf"),
                "virtual unix - n n - - virtual\n",
                StandardOpenOption.APPEND);
        return new Maildir(base);
    }

    /** What is in the mailbox of a local part, oldest first, as it was delivered. */
    public List<String> messages(String localPart) {
        List<String> result = new ArrayList<>();
        try (Stream<Path> there = Files.list(base.resolve(localPart).resolve("new"))) {
            for (Path file :
                    there.sorted(Comparator.comparing(Maildir::arrived)).toList()) {
                result.add(Files.readString(file, StandardCharsets.UTF_8));
            }
        } catch (NoSuchFileException e) {
            return List.of(); // Nothing came yet.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return result;
    }

    private static FileTime arrived(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All mailboxes that got something. */
    public List<String> boxes() {
        try (Stream<Path> files = Files.list(base)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
