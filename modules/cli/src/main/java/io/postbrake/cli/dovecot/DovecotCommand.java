package io.postbrake.cli.dovecot;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks and prints what Dovecot must have in its configuration; changes nothing. */
@Command(
        name = "dovecot",
        mixinStandardHelpOptions = true,
        description = "Check Dovecot's configuration, or print the lines to add; nothing is changed.")
public final class DovecotCommand {

    /** Which configuration, and which file of the enforcer. */
    static final class Setup {
        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "Dovecot's configuration file; default: its own.")
        private Path configuration;

        @Option(
                names = "--saved",
                paramLabel = "FILE",
                description = "In place of this machine: a file with the output of `doveconf -n`.")
        private Path saved;

        @Option(
                names = "--map",
                paramLabel = "FILE",
                defaultValue = "/var/lib/postbrake/blocked.lmdb",
                description = "The enforcer's policy.map.path; default ${DEFAULT-VALUE}.")
        private Path map;

        private DovecotLookup lookup() throws IOException {
            if (saved != null && configuration != null) {
                throw new IllegalArgumentException("--saved and --config: give one of them");
            }
            return new DovecotLookup(
                    saved != null ? DovecotSettings.saved(saved) : DovecotSettings.live(configuration), map);
        }
    }

    @Spec
    private CommandSpec spec;

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description =
                    "Say what is missing or dangerous. Exits 0 when blocks count at Dovecot's services, 1 when they do not, or"
                            + " not safely, 2 when the configuration cannot be read.")
    int check(@Mixin Setup setup) throws IOException {
        List<DovecotLookup.Flaw> flaws = setup.lookup().flaws();
        PrintWriter out = spec.commandLine().getOut();
        flaws.forEach(flaw -> out.printf("%-9s %s%n          right: %s%n", flaw.grade(), flaw.what(), flaw.then()));
        boolean well = flaws.stream().allMatch(DovecotLookup.Flaw::isNote);
        out.println(
                well
                        ? "blocks count at Dovecot's services"
                        : "blocks do not count at Dovecot's services, or not safely");
        out.flush();
        return well ? 0 : 1;
    }

    @Command(
            name = "print",
            mixinStandardHelpOptions = true,
            description = "Print the steps that make Dovecot ask the enforcer's file, in the words of its release.")
    int print(
            @Mixin Setup setup,
            @Option(names = "--remove", description = "The way out again.") boolean remove,
            @Option(
                            names = "--auth-policy",
                            paramLabel = "HOST:PORT",
                            description =
                                    "In place of the file: what asks the enforcer at its policy.dovecot.auth.listen.")
                    String listen)
            throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        DovecotLookup lookup = setup.lookup();
        List<String> lines = listen == null ? lookup.toAdd() : lookup.authPolicy(listen);
        (remove ? lookup.toRemove() : lines).forEach(out::println);
        out.flush();
        return 0;
    }
}
