package io.postbrake.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BlockCommandTest {

    @Test
    void anAddressIsRefusedSinceNoHostWouldEnforceIt() {
        var errors = new StringWriter();
        CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors, true));

        int exit = commandLine.execute("block", "198.51.100.9", "--reason", "guessing");

        assertThat(exit).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).contains("198.51.100.9").contains("give the account's login");
    }
}
