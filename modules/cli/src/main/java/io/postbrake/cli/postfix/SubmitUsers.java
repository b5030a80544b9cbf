package io.postbrake.cli.postfix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The one parameter by which users of this machine are kept from sending by sendmail(1): all may, but those in a table. sendmail(1)
 * reads it, and the table, with no more rights than whoever starts it, and where it cannot, sends nothing.
 */
final class SubmitUsers {

    static final String PARAMETER = "authorized_submit_users";
    private static final String ANYONE = "static:anyone";

    private final PostfixSettings settings;
    private final String table;
    private final Path file;

    SubmitUsers(PostfixSettings settings, Tables tables) {
        this.settings = settings;
        this.table = tables.users();
        this.file = Tables.file(table);
    }

    /** The steps that add the table, in the order in which no mail is refused by mistake. */
    List<String> toAdd() {
        return List.of(
                "",
                "# Users of this machine's own, by choice:",
                "# a. Set policy.local.users = refuse for the enforcer, start it anew and wait until it has made its table:",
                "#      " + file,
                "#    While that is missing, or some user cannot read it, no mail goes out by sendmail(1), not even root's.",
                "# b. Then in main.cf, in place of the same line. It holds at once, without a reload:",
                PARAMETER + " = !" + table + ", " + without(),
                "# c. Look: `postbrake postfix check`.");
    }

    /** The line without the table; empty when it is not there. */
    List<String> toRemove() {
        return asks()
                ? List.of(
                        "",
                        "# 2. In main.cf, in place of the same line; it holds at once, and the table may go only after it:",
                        PARAMETER + " = " + without())
                : List.of();
    }

    private boolean asks() {
        return words(settings.raw(null, PARAMETER)).stream().anyMatch(this::isOurs);
    }

    private boolean isOurs(String word) {
        return word.equals("!" + table) || word.equals(table);
    }

    private String without() {
        String rest = settings.raw(null, PARAMETER);
        List<Words.Word> words = Words.split(rest, Words.LIST);
        for (int i = words.size() - 1; i >= 0; i--) {
            if (isOurs(words.get(i).text())) {
                int end = i + 1 < words.size() ? words.get(i + 1).start() : rest.length();
                rest = rest.substring(0, words.get(i).start()) + rest.substring(end);
            }
        }
        rest = rest.strip();
        return rest.isEmpty() ? ANYONE : rest;
    }

    private static List<String> words(String list) {
        return Words.of(list);
    }

    /** What is wrong with the way in which the table is asked; nothing when it is not. */
    List<Flaw> flaws() {
        List<String> words = words(settings.of(PARAMETER));
        List<Flaw> flaws = new ArrayList<>();
        int at = words.indexOf("!" + table);
        if (words.contains(table)) {
            flaws.add(dangerous("only those whom the table has may send by sendmail(1)", right()));
        } else if (at > 0 && words.subList(0, at).stream().anyMatch(word -> word.startsWith("static:"))) {
            flaws.add(Flaw.missing("main.cf", PARAMETER + " lets everybody through before it asks the table", right()));
        } else if (at >= 0 && words.stream().allMatch(word -> word.startsWith("!"))) {
            flaws.add(dangerous("nobody may send by sendmail(1), not even root", right()));
        }
        if (settings.live() && words.stream().anyMatch(this::isOurs)) {
            file(flaws);
        }
        return flaws;
    }

    private String right() {
        return PARAMETER + " = !" + table + ", " + ANYONE;
    }

    private static Flaw dangerous(String what, String then) {
        return Flaw.dangerous("main.cf", PARAMETER + ": " + what, then);
    }

    private void file(List<Flaw> flaws) {
        try {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            if (!mode.contains(PosixFilePermission.OTHERS_READ)) {
                flaws.add(Flaw.dangerous(
                        file.toString(),
                        "users cannot read it: none of their mail goes out by sendmail(1)",
                        "chmod 644 " + file));
            }
            if (mode.contains(PosixFilePermission.OTHERS_WRITE)) {
                flaws.add(Flaw.dangerous(file.toString(), "anybody on this machine may write it", "chmod 644 " + file));
            }
            for (Path dir = file.getParent(); dir != null; dir = dir.getParent()) {
                directory(flaws, dir);
            }
        } catch (NoSuchFileException e) {
            flaws.add(Flaw.dangerous(
                    file.toString(),
                    "sendmail(1) asks it and it is not there: no mail of any local user goes out, not even root's",
                    "set policy.local.users = refuse for the enforcer, which makes it, or take it out of main.cf"));
        } catch (IOException | UnsupportedOperationException e) {
            flaws.add(Flaw.dangerous(file.toString(), "it cannot be looked at: " + e.getMessage(), "run this as root"));
        }
    }

    private void directory(List<Flaw> flaws, Path dir) throws IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(dir);
        if (!mode.contains(PosixFilePermission.OTHERS_EXECUTE)) {
            flaws.add(Flaw.dangerous(
                    dir.toString(),
                    "users cannot reach " + file + " in it: none of their mail goes out by sendmail(1)",
                    "chmod o+x " + dir));
        }
        boolean sticky = ((Integer) Files.getAttribute(dir, "unix:mode") & 01000) != 0;
        if (mode.contains(PosixFilePermission.OTHERS_WRITE) && !sticky) {
            flaws.add(Flaw.dangerous(
                    dir.toString(),
                    "anybody on this machine may put another file in the place of " + file,
                    "chmod o-w " + dir));
        }
    }
}
