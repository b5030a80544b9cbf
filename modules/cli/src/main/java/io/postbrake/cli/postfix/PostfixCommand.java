package io.postbrake.cli.postfix;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks and prints what Postfix must have in its configuration; changes nothing. */
@Command(
        name = "postfix",
        mixinStandardHelpOptions = true,
        description = "Check Postfix's configuration, or print the lines to add; nothing is changed.")
public final class PostfixCommand {

    /** Which configuration, and which tables. */
    static final class Setup {
        @Option(
                names = "--config-dir",
                paramLabel = "DIR",
                description =
                        "Configuration directory, by default /etc/postfix; those that its multi_instance_directories"
                                + " names are looked at too.")
        private Path directory;

        @Option(
                names = "--saved",
                paramLabel = "FILE",
                description = "In place of this machine: a file with the output of `postconf mail_version; postconf -n;"
                        + " postconf -M`.")
        private Path saved;

        @Option(
                names = "--map",
                paramLabel = "FILE",
                defaultValue = "/var/lib/postbrake/blocked.lmdb",
                description = "The enforcer's policy.map.path; default ${DEFAULT-VALUE}.")
        private Path map;

        @Option(
                names = "--quotas",
                arity = "0..1",
                paramLabel = "ADDRESS",
                fallbackValue = QuotaService.USUAL,
                description = "Also what makes services with logins ask the policy server, as Postfix names it; "
                        + QuotaService.USUAL + " unless another is given.")
        private String quotas;

        private QuotaService quotas() {
            return quotas == null ? null : new QuotaService(quotas);
        }

        /** The instance that is named, and the others of this machine when it is the first, which names them. */
        private List<PostfixSettings> instances() throws IOException {
            if (saved != null && directory != null) {
                throw new IllegalArgumentException("--saved and --config-dir: give one of them");
            }
            if (saved != null) {
                return List.of(PostfixSettings.saved(saved));
            }
            PostfixSettings first = PostfixSettings.live(directory == null ? Path.of("/etc/postfix") : directory);
            List<PostfixSettings> all = new ArrayList<>(List.of(first));
            for (Path other : first.otherInstances()) {
                all.add(PostfixSettings.live(other));
            }
            return all;
        }

        private Tables tables() {
            return new Tables(map);
        }
    }

    @Spec
    private CommandSpec spec;

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description =
                    "Say what is missing or dangerous. Exits 0 when blocks are enforced, 1 when they are not, or not"
                            + " safely, 2 when the configuration cannot be read.")
    int check(@Mixin Setup setup, @Option(names = "--json", description = "As JSON.") boolean json) throws IOException {
        Map<String, SetupCheck.Outcome> outcomes = new LinkedHashMap<>();
        for (PostfixSettings settings : setup.instances()) {
            outcomes.put(settings.origin(), SetupCheck.of(settings, setup.tables(), setup.quotas()));
        }
        // An instance without logins is no fault beside one that has some.
        boolean logins = outcomes.values().stream().anyMatch(o -> !o.logins().isEmpty());
        boolean enforced = logins && outcomes.values().stream().noneMatch(o -> Flaw.anyBad(o.flaws()));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(enforced, outcomes));
        } else {
            outcomes.forEach((origin, outcome) -> text(out, origin, outcome));
        }
        out.flush();
        return enforced ? 0 : 1;
    }

    private static void text(PrintWriter out, String origin, SetupCheck.Outcome outcome) {
        for (Flaw flaw : outcome.flaws()) {
            out.printf("%-9s %s: %s%n          right: %s%n", flaw.grade(), flaw.where(), flaw.what(), flaw.then());
        }
        String verdict = "blocks are not safely enforced";
        if (outcome.logins().isEmpty()) {
            verdict = "no account can be refused here: no smtpd service takes logins";
        } else if (outcome.enforced()) {
            verdict = "blocks are enforced by " + String.join(", ", outcome.logins());
        }
        out.printf("%s: %s%n", origin, verdict);
    }

    private static String json(boolean enforced, Map<String, SetupCheck.Outcome> outcomes) throws IOException {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("configuration", outcomes.keySet().iterator().next());
        result.put("enforced", enforced);
        List<Map<String, String>> all = new ArrayList<>();
        List<Map<String, Object>> instances = new ArrayList<>();
        outcomes.forEach((origin, outcome) -> {
            Map<String, Object> instance = new LinkedHashMap<>();
            instance.put("configuration", origin);
            instance.put("enforced", outcome.enforced());
            instance.put("logins", outcome.logins());
            instances.add(instance);
            for (Flaw flaw : outcome.flaws()) {
                Map<String, String> fields = new LinkedHashMap<>();
                fields.put("configuration", origin);
                fields.put("grade", flaw.grade().toString().toLowerCase(Locale.ROOT));
                fields.put("where", flaw.where());
                fields.put("what", flaw.what());
                fields.put("right", flaw.then());
                all.add(fields);
            }
        });
        result.put("instances", instances);
        result.put("flaws", all);
        return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(result);
    }

    @Command(
            name = "print",
            mixinStandardHelpOptions = true,
            description = "Print the steps that make Postfix ask the tables, with what stands in the same lists kept.")
    int print(
            @Mixin Setup setup,
            @Option(names = "--remove", description = "The way out again: the same lists without the tables.")
                    boolean remove,
            @Option(
                            names = "--local-users",
                            description = "Also what keeps blocked users of this machine from sending by sendmail(1).")
                    boolean localUsers,
            @Option(
                            names = "--relay-clients",
                            description = "Also what keeps blocked senders of clients that relay without a login out.")
                    boolean relayClients)
            throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<PostfixSettings> instances = setup.instances();
        for (PostfixSettings settings : instances) {
            if (instances.size() > 1) {
                out.println("# The instance of " + settings.origin());
            }
            (remove
                            ? SetupLines.toRemove(settings, setup.tables())
                            : SetupLines.toAdd(settings, setup.tables(), relayClients, setup.quotas()))
                    .forEach(out::println);
            if (localUsers && !remove) {
                new SubmitUsers(settings, setup.tables()).toAdd().forEach(out::println);
            }
        }
        out.flush();
        return 0;
    }
}
