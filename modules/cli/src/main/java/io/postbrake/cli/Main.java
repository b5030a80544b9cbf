package io.postbrake.cli;

import io.postbrake.cli.postfix.PostfixCommand;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the command line. */
@Command(
        name = "postbrake",
        mixinStandardHelpOptions = true,
        version = "0.1.0",
        description = "Stops mail accounts that somebody else is using.",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            DetectorCommand.class,
            AgentCommand.class,
            ParseCommand.class,
            ReplayCommand.class,
            LearnCommand.class,
            EvaluateCommand.class,
            TopicsCommand.class,
            SchemasCommand.class,
            BlockCommand.class,
            UnblockCommand.class,
            AllowCommand.class,
            ConfigCommand.class,
            ListCommand.class,
            StatusCommand.class,
            QueueCommand.class,
            PostfixCommand.class,
            ExplainCommand.class,
            CompletionCommand.class
        })
public final class Main {

    private Main() {}

    /** Exits 0 when done, 1 when it failed, 2 when the call was wrong. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main()).setExecutionExceptionHandler((e, commandLine, result) -> {
            commandLine.getErr().println("postbrake: " + problem(e));
            return e instanceof IllegalArgumentException ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
        });
    }

    private static String problem(Exception e) {
        boolean noAnswer = e instanceof TimeoutException || e.getCause() instanceof TimeoutException;
        return noAnswer
                ? "no answer from the brokers (" + e.getMessage()
                        + "); --bootstrap, or the file with the client's settings, says where they are"
                : e.getMessage();
    }
}
