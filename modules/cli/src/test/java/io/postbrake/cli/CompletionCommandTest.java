package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What helps at the prompt, and what programs rely on. */
class CompletionCommandTest {

    @TempDir
    private Path dir;

    @Test
    void bashCompletesCommandsAndOptions() throws Exception {
        assertThat(completed("unb")).containsExactly("unblock");
        assertThat(completed("block", "--re")).contains("--reason");
        assertThat(completed("queue", "rel")).containsExactly("release");
    }

    /** A new command cannot be forgotten. */
    @Test
    void bashCompletesEveryCommandAndItsSubcommands() throws Exception {
        for (CommandLine command : Main.commandLine().getSubcommands().values()) {
            if (command.getCommandSpec().usageMessage().hidden()) {
                continue;
            }
            assertThat(completed(command.getCommandName())).contains(command.getCommandName());
            for (String sub : command.getSubcommands().keySet()) {
                assertThat(completed(command.getCommandName(), sub)).contains(sub);
            }
        }
        assertThat(completed("topics", "show", "abuse.b"))
                .contains("abuse.blocks.v1")
                .doesNotContain("mail.events.v1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "list",
                "explain",
                "block",
                "unblock",
                "allow",
                "forget",
                "status",
                "queue list",
                "config get",
                "topics check",
                "topics show",
                "schemas check",
                "postfix check"
            })
    void everyCommandThatPrintsDataOfTheTopicsHasJson(String command) {
        CommandLine line = Main.commandLine();
        for (String word : command.split(" ")) {
            line = line.getSubcommands().get(word);
        }

        assertThat(line.getCommandSpec().optionsMap()).containsKey("--json");
    }

    /** What bash offers for the last of the words. */
    private List<String> completed(String... words) throws IOException, InterruptedException {
        var script = new StringWriter();
        Main.commandLine().setOut(new PrintWriter(script)).execute("completion", "bash");
        Path file = Files.writeString(dir.resolve("completion"), script.toString());
        String typed = "postbrake " + String.join(" ", words);
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source \"$1\"; COMP_WORDS=($2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=$2;"
                                + " COMP_POINT=${#2}; COMP_TYPE=9;"
                                + " _complete_postbrake; printf '%s\\n' \"${COMPREPLY[@]}\"",
                        "bash",
                        file.toString(),
                        typed)
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
        return Arrays.stream(said.split("\n")).map(String::strip).toList();
    }
}
