package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class BlockCommandTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"198.51.100.300", "198.51.100.9/24", "0.0.0.0/0", "10.0.0.0/33", "2001:db8::/8", "fe80::zz"})
    void anAddressThatNoHostWouldEnforceIsRefusedAndNamed(String subject) {
        var errors = new StringWriter();
        CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors, true));

        int exit = commandLine.execute("block", subject, "--reason", "guessing");

        assertThat(exit).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).contains("'" + subject + "'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "list --jsno",
                "block ann@example.org --reason r --for 4x",
                "block ann@example.org",
                "unblock",
                "nonsense",
                "status --wait 10s"
            })
    void aWrongCallIsToldInALineWithOneHint(String call) {
        var errors = new StringWriter();
        CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors, true));

        int exit = commandLine.execute(call.split(" "));

        assertThat(exit).isEqualTo(ExitCodes.WRONG_CALL);
        assertThat(errors.toString().lines()).hasSizeBetween(2, 3);
    }

    @Test
    void theActionsOfTheOneListAreOfferedAndNoOther() {
        var errors = new StringWriter();
        CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors, true));

        int exit = commandLine.execute("block", "ann@example.org", "--reason", "r", "--action", "observe");

        assertThat(exit).isEqualTo(ExitCodes.WRONG_CALL);
        assertThat(errors.toString()).contains("'observe' is no action: give one of hold, defer, reject, disconnect");
        assertThat(commandLine.getSubcommands().get("block").getUsageMessage(CommandLine.Help.Ansi.OFF))
                .contains("hold, defer, reject, disconnect; default");
    }

    @Test
    void whoeverNamesBrokersThatAreNotThereIsToldSoWhileStillAtTheTerminal() {
        var errors = new StringWriter();
        CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors, true));

        int exit = commandLine.execute("block", "ann@my-domain.net", "--reason", "r", "--bootstrap", "127.0.0.1:1");

        assertThat(exit).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(errors.toString()).contains("no answer from the brokers").contains("--bootstrap");
    }
}
