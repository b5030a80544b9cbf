package io.postbrake.cli;

import io.postbrake.local.LocalConfig;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints where a browser of root or of the service's user finds the console of {@code postbrake up}. */
@Command(
        name = "console",
        mixinStandardHelpOptions = true,
        description = "Print the address of this machine's console, with the token that lets a browser in.")
final class ConsoleCommand implements Callable<Integer> {

    private static final Path DATA = Path.of("/var/lib/postbrake");

    @Option(names = "--config", paramLabel = "FILE", description = "YAML file of up; default: its defaults.")
    private Path config;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Settings file = config == null ? Settings.of(Map.of()) : Settings.read(config);
        Path token = ClusterAccess.consoleToken(Path.of(file.textOr("data", DATA.toString())));
        int port = LocalConfig.consolePort(file);
        if (port < 0) {
            throw new IllegalArgumentException("console.port is " + port + ": there is no console");
        }
        if (port == 0) {
            throw new IllegalArgumentException(
                    "console.port is 0: `postbrake up` said at its start which one it took; the token is in " + token);
        }
        var out = spec.commandLine().getOut();
        out.println("http://127.0.0.1:" + port + "/#token=" + secret(token));
        out.flush();
        return 0;
    }

    private static String secret(Path token) throws IOException {
        if (!Files.isReadable(token)) {
            throw new IllegalArgumentException(
                    token + " cannot be read: run this as root or as the user of `postbrake up`,"
                            + " which makes it at its first start");
        }
        List<String> lines = Files.readAllLines(token);
        return lines.get(0).substring(lines.get(0).indexOf(' ') + 1).strip();
    }
}
