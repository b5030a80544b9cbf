package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What is installed beside the commands says all that they take. */
class ManualPagesTest {

    private static final Map<String, String> PAGES = ManualPages.all();

    @TempDir
    private Path dir;

    @Test
    void everyCommandHasAPageWithAllItsOptionsAndArguments() {
        int options = 0;
        for (Map.Entry<String, CommandSpec> command : commands().entrySet()) {
            CommandSpec spec = command.getValue();
            String page = PAGES.get(command.getKey());
            assertThat(page).as(command.getKey()).isNotNull().contains(".SH NAME", ".SH SYNOPSIS", ".SH EXIT STATUS");
            for (OptionSpec option : spec.options()) {
                for (String name : option.names()) {
                    assertThat(page.contains(name.replace("-", "\\-")))
                            .as(command.getKey() + " " + name)
                            .isEqualTo(!option.hidden());
                    options++;
                }
            }
            spec.positionalParameters().forEach(each -> assertThat(page).contains("\n.B " + each.paramLabel()));
            ManualPages.subcommands(spec).forEach(sub -> assertThat(page).contains("\n.B " + sub.getCommandName()));
        }
        assertThat(options).isGreaterThan(150);
        assertThat(PAGES).hasSameSizeAs(commands());
    }

    @Test
    void nothingOfPicoclisOwnIsLeftInThem() {
        assertThat(PAGES.values()).noneMatch(page -> page.contains("${") || page.contains("@|") || page.contains("%n"));
        assertThat(PAGES.get("postbrake-postfix-check")).contains("/var/lib/postbrake/blocked.lmdb");
    }

    @Test
    void whatCommandsHideIsHiddenHereToo() {
        assertThat(PAGES).doesNotContainKey("postbrake-load-classes");
        assertThat(PAGES.get("postbrake")).doesNotContain("load\\-classes");
    }

    /** As man(1) does it, with all warnings. */
    @Test
    void groffFormatsEachWithoutAWarning() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/groff")), "no groff here");
        ManualPages.main(new String[] {dir.toString()});
        for (String name : PAGES.keySet()) {
            Path roff = dir.resolve(name);
            try (InputStream in = new GZIPInputStream(Files.newInputStream(dir.resolve("man/" + name + ".1.gz")))) {
                Files.write(roff, in.readAllBytes());
            }
            assertThat(run("groff", "-man", "-Tutf8", "-ww", "-z", roff.toString()))
                    .isEmpty();
        }
        assertThat(run(
                        "groff",
                        "-man",
                        "-Tascii",
                        "-P-cbou",
                        dir.resolve("postbrake-block").toString()))
                .contains("postbrake block", "--reason", "SEE ALSO");
    }

    @Test
    void bashCompletesEveryOptionOfEveryCommand() throws Exception {
        ManualPages.main(new String[] {dir.toString()});
        String script = Files.readString(dir.resolve("completion/postbrake"));

        assertThat(script).doesNotStartWith("#!").contains("complete -F _complete_postbrake");
        commands().forEach((name, spec) -> {
            String function = script.split("function _picocli_" + name.replace("-", "_") + "\\(\\) ", 2)[1]
                    .split("\nfunction ", 2)[0];
            for (OptionSpec option : spec.options()) {
                if (!option.hidden()) {
                    assertThat(function).as(name).contains(option.names());
                }
            }
        });
    }

    private static Map<String, CommandSpec> commands() {
        Map<String, CommandSpec> all = new TreeMap<>();
        add(Main.commandLine(), all);
        return all;
    }

    private static void add(CommandLine command, Map<String, CommandSpec> all) {
        CommandSpec spec = command.getCommandSpec();
        if (!spec.usageMessage().hidden()) {
            all.put(spec.qualifiedName("-"), spec);
            command.getSubcommands().values().forEach(sub -> add(sub, all));
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
