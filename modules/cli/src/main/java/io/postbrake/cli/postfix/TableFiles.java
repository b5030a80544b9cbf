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

    /** What a table's mode should be; {@link #mode} says what is wrong with another one. */
    private static final String MODE = "644";

    private TableFiles() {}

    static List<Flaw> flaws(PostfixSettings settings, Tables tables) {
        List<Flaw> result = new ArrayList<>();
        boolean chrooted = settings.smtpd().stream().anyMatch(settings::chrooted);
        for (String table : List.of(tables.accounts(), tables.clients(), tables.ranges())) {
            Path file = Tables.file(table);
            boolean named = Stream.concat(
                            settings.main().values().stream(),
                            settings.services().stream().flatMap(s -> s.overrides().values().stream()))
                    .flatMap(value -> Words.of(value).stream())
                    .anyMatch(word -> word.equals(table) || word.equals("proxy:" + table));
            if (named) {
                flaws(result, file, chrooted);
            }
        }
        return result;
    }

    private static void flaws(List<Flaw> into, Path file, boolean chrooted) {
        try {
            var attributes = Files.readAttributes(file, PosixFileAttributes.class);
            if (!attributes.isRegularFile()) {
                into.add(Flaw.dangerous(file.toString(), "it is no file", "let the enforcer make it"));
                return;
            }
            mode(into, file, attributes, chrooted);
            for (Path dir = file.getParent(); dir != null; dir = dir.getParent()) {
                directory(into, file, dir);
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

    private static void mode(List<Flaw> into, Path file, PosixFileAttributes attributes, boolean chrooted) {
        Set<PosixFilePermission> mode = attributes.permissions();
        if (mode.contains(PosixFilePermission.OTHERS_WRITE)) {
            into.add(Flaw.dangerous(
                    file.toString(),
                    "anybody on this machine may write it, and so decide whose mail passes",
                    "chmod " + MODE + " " + file));
        }
        if (!mode.contains(PosixFilePermission.OTHERS_READ)) {
            into.add(Flaw.dangerous(
                    file.toString(),
                    "only " + attributes.owner().getName() + " may read it"
                            + (chrooted ? ", and a chrooted smtpd cannot open it again as somebody else" : "")
                            + ": where a process that is not root opens it, everybody is answered 451",
                    "chmod " + MODE + " " + file));
        }
    }

    private static void directory(List<Flaw> into, Path file, Path dir) throws IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(dir);
        boolean sticky = ((Integer) Files.getAttribute(dir, "unix:mode") & 01000) != 0;
        if (mode.contains(PosixFilePermission.OTHERS_WRITE) && !sticky) {
            into.add(Flaw.dangerous(
                    dir.toString(),
                    "anybody on this machine may put another file in the place of " + file,
                    "chmod o-w " + dir));
        }
        if (!mode.contains(PosixFilePermission.OTHERS_EXECUTE)) {
            into.add(Flaw.dangerous(
                    dir.toString(),
                    "not everybody may look inside: where a process that is not root opens " + file
                            + ", everybody is answered 451",
                    "chmod o+x " + dir));
        }
    }
}
