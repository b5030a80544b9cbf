package io.postbrake.cli.postfix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Whether the files behind the tables that a configuration names can be read by Postfix, and written by nobody else. */
final class TableFiles {

    /** What a table's mode should be, with the group postfix; {@link #mode} says what is wrong with another one. */
    private static final String MODE = "640";

    private static final String POSTFIX = "postfix";

    private TableFiles() {}

    static List<Flaw> flaws(PostfixSettings settings, Tables tables) {
        List<Flaw> result = new ArrayList<>();
        List<String> words = Stream.concat(
                        settings.main().values().stream(),
                        settings.services().stream().flatMap(s -> s.overrides().values().stream()))
                .flatMap(value -> Words.of(value).stream())
                .toList();
        List<String> all =
                new ArrayList<>(List.of(tables.accounts(), tables.clients(), tables.ranges(), tables.relay()));
        for (int i = 1; i <= RelayClients.CLASSES; i++) {
            all.add(tables.relaySenders(i));
        }
        for (String table : all) {
            boolean proxied = words.contains("proxy:" + table);
            if (proxied || words.contains(table)) {
                flaws(result, Tables.file(table), proxied);
            }
        }
        return result;
    }

    private static void flaws(List<Flaw> into, Path file, boolean proxied) {
        try {
            var attributes = Files.readAttributes(file, PosixFileAttributes.class);
            if (!attributes.isRegularFile()) {
                into.add(Flaw.dangerous(file.toString(), "it is no file", "let the enforcer make it"));
                return;
            }
            mode(into, file, attributes, proxied);
            for (Path dir = file.getParent(); dir != null; dir = dir.getParent()) {
                directory(into, file, dir, proxied);
            }
        } catch (NoSuchFileException e) {
            into.add(Flaw.dangerous(
                    file.toString(),
                    "Postfix consults it and it is not there: everybody is answered 451",
                    "start the enforcer first, which makes it, then `postfix reload`"));
        } catch (IOException | UnsupportedOperationException e) {
            into.add(Flaw.dangerous(file.toString(), "it cannot be looked at: " + e.getMessage(), "run this as root"));
        }
    }

    /** smtpd opens its tables as root, before it goes into its chroot and becomes the user postfix; proxymap as that user. */
    private static void mode(List<Flaw> into, Path file, PosixFileAttributes attributes, boolean proxied) {
        Set<PosixFilePermission> mode = attributes.permissions();
        if (mode.contains(PosixFilePermission.OTHERS_WRITE)) {
            into.add(Flaw.dangerous(
                    file.toString(),
                    "anybody on this machine may write it, and so decide whose mail passes",
                    right(file)));
        } else if (mode.contains(PosixFilePermission.OTHERS_READ)) {
            into.add(Flaw.note(
                    file.toString(),
                    "anybody on this machine may read it, and so hold its lock and keep blocks out of it for as long",
                    right(file) + "; the enforcer does so when it starts"));
        }
        boolean group = mode.contains(PosixFilePermission.GROUP_READ)
                && attributes.group().getName().equals(POSTFIX);
        if (proxied && !group && !mode.contains(PosixFilePermission.OTHERS_READ)) {
            into.add(Flaw.dangerous(
                    file.toString(),
                    "proxymap, which is the user postfix, cannot read it: everybody is answered 451",
                    right(file)));
        }
    }

    private static String right(Path file) {
        return "chgrp " + POSTFIX + " " + file + "; chmod " + MODE + " " + file;
    }

    private static void directory(List<Flaw> into, Path file, Path dir, boolean proxied) throws IOException {
        var attributes = Files.readAttributes(dir, PosixFileAttributes.class);
        Set<PosixFilePermission> mode = attributes.permissions();
        boolean sticky = ((Integer) Files.getAttribute(dir, "unix:mode") & 01000) != 0;
        if (mode.contains(PosixFilePermission.OTHERS_WRITE) && !sticky) {
            into.add(Flaw.dangerous(
                    dir.toString(),
                    "anybody on this machine may put another file in the place of " + file,
                    "chmod o-w " + dir));
        }
        boolean group = mode.contains(PosixFilePermission.GROUP_EXECUTE)
                && attributes.group().getName().equals(POSTFIX);
        if (proxied && !group && !mode.contains(PosixFilePermission.OTHERS_EXECUTE)) {
            into.add(Flaw.dangerous(
                    dir.toString(),
                    "proxymap, which is the user postfix, cannot look inside for " + file
                            + ": everybody is answered 451",
                    "chmod o+x " + dir));
        }
    }
}
