package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A call looks at its own command alone, and must not show it. */
class MainTest {

    @Test
    void eachCommandIsTheSameAloneAsAmongAll() {
        for (Map.Entry<String, CommandLine> each :
                Main.commandLine().getSubcommands().entrySet()) {
            CommandLine alone = Main.commandLine(each.getKey(), "--help");

            assertThat(alone.getSubcommands()).containsOnlyKeys(each.getKey());
            assertThat(alone.getSubcommands().get(each.getKey()).getUsageMessage())
                    .isEqualTo(each.getValue().getUsageMessage());
        }
    }

    @Test
    void aMisspeltCommandIsToldOfThoseThatAreLikeIt() {
        var err = new StringWriter();

        int exit = Main.commandLine("unblok").setErr(new PrintWriter(err)).execute("unblok");

        assertThat(exit).isEqualTo(ExitCodes.WRONG_CALL);
        assertThat(err.toString()).contains("unblock");
    }
}
