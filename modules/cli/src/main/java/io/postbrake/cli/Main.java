package io.postbrake.cli;

import io.postbrake.cli.doctor.DoctorCommand;
import io.postbrake.cli.dovecot.DovecotCommand;
import io.postbrake.cli.postfix.PostfixCommand;
import io.postbrake.settings.Durations;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Entry point of the command line. */
@Command(
        name = "postbrake",
        mixinStandardHelpOptions = true,
        version = "0.1.0",
        description = "Stops mail accounts that somebody else is using.")
public final class Main {

    private static final List<Class<?>> COMMANDS = List.of(
            DemoCommand.class,
            UpCommand.class,
            ConsoleCommand.class,
            DetectorCommand.class,
            AgentCommand.class,
            ParseCommand.class,
            ReplayCommand.class,
            ReportCommand.class,
            LearnCommand.class,
            EvaluateCommand.class,
            TopicsCommand.class,
            SchemasCommand.class,
            BlockCommand.class,
            UnblockCommand.class,
            AllowCommand.class,
            ForgetCommand.class,
            NoteCommand.class,
            EnforceCommand.class,
            ConfigCommand.class,
            ListCommand.class,
            StatusCommand.class,
            QueueCommand.class,
            HostsCommand.class,
            PostfixCommand.class,
            DovecotCommand.class,
            DoctorCommand.class,
            ExplainCommand.class,
            CompletionCommand.class,
            LoadClassesCommand.class);

    private Main() {}

    /** Exits as {@link ExitCodes} says. */
    public static void main(String[] args) {
        System.exit(commandLine(args).execute(args));
    }

    /** With all commands. */
    static CommandLine commandLine() {
        var all = new CommandLine(new Main());
        COMMANDS.forEach(all::addSubcommand);
        return configured(all);
    }

    /** With the command that is called alone: to look at all of them is most of the work of a short one. */
    static CommandLine commandLine(String... args) {
        for (Class<?> command : COMMANDS) {
            if (args.length > 0
                    && args[0].equals(command.getAnnotation(Command.class).name())) {
                return configured(new CommandLine(new Main()).addSubcommand(command));
            }
        }
        return commandLine();
    }

    static CommandLine configured(CommandLine line) {
        return line.registerConverter(Duration.class, Main::duration)
                .setParameterExceptionHandler(Main::wrongCall)
                .setExecutionExceptionHandler((e, commandLine, result) -> {
                    commandLine.getErr().println("postbrake: " + Problem.of(e));
                    return e instanceof IllegalArgumentException ? ExitCodes.WRONG_CALL : ExitCodes.FAILED;
                });
    }

    private static Duration duration(String text) {
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(Text.plain(e.getMessage()));
        }
    }

    /** One line of what is wrong and one of where to read on: thirty lines of options would hide both. */
    private static int wrongCall(ParameterException e, String[] arguments) {
        CommandLine commandLine = e.getCommandLine();
        commandLine.getErr().println("postbrake: " + Text.plain(e.getMessage()));
        if (!UnmatchedArgumentException.printSuggestions(e, commandLine.getErr())) {
            commandLine
                    .getErr()
                    .println("'" + commandLine.getCommandSpec().qualifiedName() + " --help' says what it takes");
        }
        return ExitCodes.WRONG_CALL;
    }
}
