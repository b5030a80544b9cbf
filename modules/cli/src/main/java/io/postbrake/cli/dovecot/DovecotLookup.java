package io.postbrake.cli.dovecot;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The enforcer's file among Dovecot's databases of passwords: what is missing, what is dangerous, and the lines to add. */
final class DovecotLookup {

    private static final String NETS = "postbrake_nets";
    private static final String ANYWHERE = "0.0.0.0/0,::/0";
    private static final String OLD_NETS = "%{passdb:" + NETS + ":" + ANYWHERE + "}";
    private static final String NEW_NETS = "%{passdb:" + NETS + " | default('" + ANYWHERE + "')}";
    private static final String OLD_KEY = "username_format=%Ls/%Lu";
    private static final String NEW_KEY = "%{protocol}/%{user | lower}";

    private final DovecotSettings settings;
    private final Path table;

    /** @throws IllegalArgumentException when Dovecot could not be told that name */
    DovecotLookup(DovecotSettings settings, Path map) {
        this.settings = settings;
        String name = map.getFileName().toString().replaceFirst("\\.lmdb$", "") + "-mailboxes";
        this.table = map.toAbsolutePath().normalize().resolveSibling(name);
        if (table.toString().matches(".*[\\s%{}].*")) {
            throw new IllegalArgumentException(
                    "--map is '" + map + "': give a path without blanks, % and braces, which Dovecot reads otherwise");
        }
    }

    /**
     * Something that is so.
     *
     * @param grade MISSING, DANGEROUS or NOTE
     * @param what what is so, and what follows from it
     * @param then what would be right
     */
    record Flaw(String grade, String what, String then) {
        boolean isNote() {
            return grade.equals("NOTE");
        }
    }

    /** What keeps blocks from counting at Dovecot, or logins from being safe; the worst first. */
    List<Flaw> flaws() {
        List<Flaw> result = new ArrayList<>();
        DovecotSettings.Passdb ours = ours();
        boolean byPolicy = ours == null && asksByPolicy();
        if (byPolicy) {
            result.add(note(
                    "logins are asked about by auth_policy_server_url: whether the enforcer is there is not looked at",
                    "that it is policy.dovecot.auth.listen of the enforcer's settings"));
        } else if (ours == null) {
            result.add(missing("no passdb reads " + table, "add what `postbrake dovecot print` prints"));
        } else {
            lookedUp(ours, result);
        }
        for (DovecotSettings.Passdb other : settings.passdbs()) {
            if (!byPolicy && other != ours && other.hasPasswords() && !narrowed(other)) {
                result.add(missing(
                        other.title() + " asks for no networks: a narrowed account is let in by it from anywhere",
                        "in it: " + narrowing(other)));
            }
        }
        if (!byPolicy && settings.live() && !Files.exists(table)) {
            result.add(note(
                    table + " is not there: nobody is refused, and each login leaves a line of that",
                    "policy.dovecot: narrow in the enforcer's settings, and start it"));
        }
        if (!verbose()) {
            result.add(note(
                    "auth_verbose is no: a device that is refused for its network looks like one with a wrong password,"
                            + " and counts as a guess",
                    "auth_verbose = yes"));
        }
        String elements = settings.settings().getOrDefault("login_log_format_elements", "");
        if (!elements.isEmpty() && !(elements.startsWith("user=<") && elements.contains("rip="))) {
            result.add(note(
                    "login_log_format_elements does not begin with user=<...> or has no rip=: logins are not read",
                    "the default, or more behind it"));
        }
        result.sort(Comparator.comparing(
                (Flaw flaw) -> List.of("MISSING", "DANGEROUS", "NOTE").indexOf(flaw.grade())));
        return result;
    }

    private void lookedUp(DovecotSettings.Passdb ours, List<Flaw> result) {
        boolean noPassword = settings.modern()
                ? ours.get("fields/noauthenticate").equals("yes")
                : !DovecotSettings.field(ours.get("default_fields"), "noauthenticate")
                        .isEmpty();
        if (!noPassword) {
            result.add(new Flaw(
                    "DANGEROUS",
                    "the passdb of " + table
                            + " has no noauthenticate: an entry without a password could let its account in",
                    settings.modern() ? "fields { noauthenticate = yes }" : "default_fields = noauthenticate=y"));
        }
        for (String key : List.of("result_success", "result_internalfail")) {
            // doveconf -n leaves out what is so by default.
            boolean usual = key.equals("result_internalfail") && ours.get(key).isEmpty();
            if (!usual && !ours.get(key).equals("continue")) {
                result.add(new Flaw(
                        "DANGEROUS",
                        "the passdb of " + table + " has no " + key + " = continue: "
                                + (key.equals("result_success")
                                        ? "the account's own password is not asked for"
                                        : "while the file cannot be read, nobody logs in"),
                        key + " = continue"));
            }
        }
        String key = settings.modern() ? ours.get("auth_username_format") : ours.get("args");
        if (!(settings.modern() ? key.equals(NEW_KEY) : key.contains(OLD_KEY))) {
            result.add(missing(
                    "the passdb of " + table + " looks accounts up by another name than the file has",
                    settings.modern() ? "auth_username_format = " + NEW_KEY : "args = " + OLD_KEY + " " + table));
        }
        for (DovecotSettings.Passdb other : settings.passdbs()) {
            if (other == ours) {
                return;
            }
            if (other.hasPasswords()) {
                result.add(missing(
                        other.title() + " stands before the passdb of " + table + ": it knows of no networks",
                        "put the passdb of the file first"));
            }
        }
    }

    private static Flaw missing(String what, String then) {
        return new Flaw("MISSING", what, then);
    }

    private static Flaw note(String what, String then) {
        return new Flaw("NOTE", what, then);
    }

    private boolean verbose() {
        return settings.settings().getOrDefault("auth_verbose", "no").equals("yes");
    }

    private DovecotSettings.Passdb ours() {
        return settings.passdbs().stream()
                .filter(passdb -> passdb.file().equals(table.toString()))
                .findFirst()
                .orElse(null);
    }

    private boolean narrowed(DovecotSettings.Passdb other) {
        return settings.modern()
                ? other.get("fields/allow_nets").contains(NETS)
                : DovecotSettings.field(other.get("override_fields"), "allow_nets")
                        .contains(NETS);
    }

    private String narrowing(DovecotSettings.Passdb other) {
        if (settings.modern()) {
            return "fields { allow_nets = " + NEW_NETS + " }";
        }
        String before = other.get("override_fields");
        return "override_fields = " + (before.isEmpty() ? "" : before + " ") + "allow_nets=" + OLD_NETS;
    }

    /** The steps that make Dovecot ask the file. */
    List<String> toAdd() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "# 1. policy.dovecot: narrow (or refuse) in the enforcer's settings; start it, and wait until the file is there:");
        lines.add("#    ls -l " + table);
        lines.add("# 2. This before every other passdb (Debian: at the top of conf.d/10-auth.conf):");
        lines.addAll(settings.modern() ? modernPassdb() : oldPassdb());
        lines.add("# 3. In each passdb that has passwords, within its braces:");
        settings.passdbs().stream()
                .filter(other -> other != ours() && other.hasPasswords())
                .forEach(other -> {
                    lines.add("#    " + other.title());
                    if (settings.modern()) {
                        lines.addAll(List.of("  fields {", "    allow_nets = " + NEW_NETS, "  }"));
                    } else {
                        lines.add("  " + narrowing(other));
                    }
                });
        if (!verbose()) {
            lines.add("# 4. So that a device which is refused for its network is no guess:");
            lines.add("auth_verbose = yes");
        }
        lines.add("# Then: doveconf -n >/dev/null && doveadm reload && postbrake dovecot check");
        return lines;
    }

    private List<String> oldPassdb() {
        return List.of(
                "passdb {",
                "  driver = passwd-file",
                "  args = " + OLD_KEY + " " + table,
                "  default_fields = noauthenticate=y",
                "  result_success = continue",
                "  result_internalfail = continue",
                "}");
    }

    private List<String> modernPassdb() {
        return List.of(
                "passdb postbrake {",
                "  driver = passwd-file",
                "  passwd_file_path = " + table,
                "  auth_username_format = " + NEW_KEY,
                "  use_cache = no",
                "  fields {",
                "    noauthenticate = yes",
                "  }",
                "  result_success = continue",
                "  result_internalfail = continue",
                "}");
    }

    /** The steps that make Dovecot ask the enforcer by its auth policy in place of the file; never a password's hash. */
    List<String> authPolicy(String listen) {
        List<String> lines = new ArrayList<>(List.of(
                "# 1. policy.dovecot.auth.listen: " + listen
                        + " and policy.dovecot.auth.secret.file in the enforcer's settings; start it.",
                "# 2. In a file of Dovecot's configuration that only root reads, for it has the secret:"));
        if (settings.modern()) {
            lines.addAll(List.of(
                    "auth_policy_server_url = http://" + listen + "/",
                    "auth_policy_server_api_header = X-API-Key: SECRET",
                    "auth_policy_hash_nonce = none",
                    "auth_policy_request_attributes {",
                    "  login = %{user}",
                    "  protocol = %{protocol}",
                    "  remote = %{remote_ip}",
                    "  pwhash =",
                    "}"));
        } else {
            lines.addAll(List.of(
                    "auth_policy_server_url = http://" + listen + "/",
                    "auth_policy_server_api_header = X-API-Key: SECRET",
                    "auth_policy_hash_nonce = none",
                    "auth_policy_request_attributes = login=%u protocol=%s remote=%{rip}"));
        }
        lines.add("# When nobody answers, people log in; auth_policy_reject_on_fail = yes would refuse them.");
        lines.add("# Then: doveconf -n >/dev/null && doveadm reload");
        return lines;
    }

    /** Whether Dovecot asks by its auth policy, which needs neither file nor lines in the databases. */
    private boolean asksByPolicy() {
        return !settings.settings().getOrDefault("auth_policy_server_url", "").isEmpty()
                || settings.settings().containsKey("auth_policy/server_url");
    }

    /** The way out again. */
    List<String> toRemove() {
        return List.of(
                "# 1. Take allow_nets=..." + NETS + "... out of every passdb, and the passdb of " + table + ".",
                "# 2. doveconf -n >/dev/null && doveadm reload",
                "# 3. policy.dovecot: observe in the enforcer's settings, or none; the file is emptied and may be deleted then.");
    }
}
