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
                description = "Configuration directory of the instance; default /etc/postfix.")
        private Path directory;

        @Option(
                names = "--saved",
                paramLabel = "FILE",
                description = "In place of this machine: a file with the output of `postconf -n; postconf -Mf`.")
        private Path saved;

        @Option(
                names = "--map",
                paramLabel = "FILE",
                defaultValue = "/var/lib/postbrake/blocked.lmdb",
                description = "The enforcer's policy.map.path; default ${DEFAULT-VALUE}.")
        private Path map;

        private PostfixSettings effective() throws IOException {
            return read() != null ? read() : PostfixSettings.live(directory());
        }

        private PostfixSettings written() throws IOException {
            return read() != null ? read() : PostfixSettings.written(directory());
        }

        private PostfixSettings read() throws IOException {
            if (saved != null && directory != null) {
                throw new IllegalArgumentException("--saved and --config-dir: give one of them");
            }
            return saved == null ? null : PostfixSettings.saved(saved);
        }

        private Path directory() {
            return directory == null ? Path.of("/etc/postfix") : directory;
        }
    }

    @Spec
    private CommandSpec spec;

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "Say what is missing or dangerous. Exits 0 when nothing is, 1 when something is, 2 when the"
                    + " configuration cannot be read.")
    int check(@Mixin Setup setup, @Option(names = "--json", description = "As JSON.") boolean json) throws IOException {
        PostfixSettings settings = setup.effective();
        List<Flaw> flaws = SetupCheck.of(settings, new Tables(setup.map));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(settings.origin(), flaws));
            out.flush();
            return Flaw.anyBad(flaws) ? 1 : 0;
        }
        for (Flaw flaw : flaws) {
            out.printf("%-9s %s: %s%n          right: %s%n", flaw.grade(), flaw.where(), flaw.what(), flaw.then());
        }
        boolean bad = Flaw.anyBad(flaws);
        out.printf("%s: %s%n", settings.origin(), bad ? "blocks are not safely enforced" : "blocks are enforced");
        out.flush();
        return bad ? 1 : 0;
    }

    private static String json(String origin, List<Flaw> flaws) throws IOException {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("configuration", origin);
        result.put("enforced", !Flaw.anyBad(flaws));
        List<Map<String, String>> all = new ArrayList<>();
        for (Flaw flaw : flaws) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("grade", flaw.grade().toString().toLowerCase(Locale.ROOT));
            fields.put("where", flaw.where());
            fields.put("what", flaw.what());
            fields.put("right", flaw.then());
            all.add(fields);
        }
        result.put("flaws", all);
        return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(result);
    }

    @Command(
            name = "print",
            mixinStandardHelpOptions = true,
            description = "Print the lines for main.cf and master.cf, with what stands in the same lists kept.")
    int print(@Mixin Setup setup) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        SetupLines.of(setup.written(), new Tables(setup.map)).forEach(out::println);
        out.flush();
        return 0;
    }
}
