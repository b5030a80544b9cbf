package io.postbrake.cli.postfix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What {@code postbrake postfix check} finds, for others that look at an installation.
 *
 * @param enforced whether blocks are enforced, and safely, by all instances that take logins
 * @param logins services that take logins
 * @param flaws what is wrong or worth knowing, worst first
 * @param missing tables that are not there; while Postfix asks for one, everybody is answered 451
 */
public record PostfixState(boolean enforced, List<String> logins, List<Remark> flaws, List<Path> missing) {

    /**
     * One of them.
     *
     * @param grade missing, dangerous or note
     * @param where the configuration and the place in it
     * @param what what is so
     * @param then what would be right
     */
    public record Remark(String grade, String where, String what, String then) {

        /** Whether nothing is wrong. */
        public boolean isNote() {
            return grade.equals("note");
        }
    }

    /**
     * Looks at a Postfix of this machine and at the other instances that it names.
     *
     * @throws IOException when it cannot be asked
     */
    public static PostfixState of(Path directory, Path map) throws IOException {
        PostfixSettings first = PostfixSettings.live(directory);
        var tables = new Tables(map);
        List<PostfixSettings> all = new ArrayList<>(List.of(first));
        for (Path other : first.otherInstances()) {
            all.add(PostfixSettings.live(other));
        }
        List<String> logins = new ArrayList<>();
        List<Remark> flaws = new ArrayList<>();
        for (PostfixSettings settings : all) {
            SetupCheck.Outcome outcome = SetupCheck.of(settings, tables);
            logins.addAll(outcome.logins());
            for (Flaw flaw : outcome.flaws()) {
                flaws.add(new Remark(
                        flaw.grade().toString().toLowerCase(Locale.ROOT),
                        settings.origin() + ", " + flaw.where(),
                        flaw.what(),
                        flaw.then()));
            }
        }
        List<Path> missing =
                tables.files().stream().filter(file -> !Files.exists(file)).toList();
        boolean enforced = !logins.isEmpty() && flaws.stream().allMatch(Remark::isNote);
        return new PostfixState(enforced, List.copyOf(logins), List.copyOf(flaws), missing);
    }
}
