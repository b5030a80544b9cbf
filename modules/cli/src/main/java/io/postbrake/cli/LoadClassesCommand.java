package io.postbrake.cli;

import io.postbrake.wire.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Loads what commands need, and changes nothing: the JVM that runs it writes a class-data archive at its end, with which commands start in
 * half the time. The Debian package runs it when it is installed and when the machine gets another Java.
 */
@Command(
        name = "load-classes",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Load what commands need, for a JVM with -XX:ArchiveClassesAtExit. Changes nothing.")
final class LoadClassesCommand implements Callable<Integer> {

    /** Nobody listens there, so that a client is loaded and comes no further. */
    private static final String NOBODY = "127.0.0.1:1";

    private static final String ENOUGH_MS = "300";

    @Option(
            names = "--sample",
            paramLabel = "FILE",
            hidden = true,
            defaultValue = "/etc/postbrake/postbrake.yaml",
            description = "A configuration file to read; default ${DEFAULT-VALUE}.")
    private Path sample;

    @Override
    public Integer call() throws IOException {
        CommandLine all = Main.commandLine();
        all.getSubcommands().values().forEach(CommandLine::getUsageMessage);
        if (Files.isReadable(sample)) {
            run("config", "check", sample.toString());
            run("doctor", "--config", sample.toString());
        }
        run("postfix", "check");
        run("completion", "bash");
        client();
        return ExitCodes.DONE;
    }

    private static void run(String... arguments) {
        var silence = new PrintWriter(Writer.nullWriter());
        Main.commandLine().setOut(silence).setErr(silence).execute(arguments);
    }

    private static void client() throws IOException {
        Map<String, Object> kafka =
                ClusterOptions.of(null, NOBODY, "http://" + NOBODY).kafka();
        kafka.put("security.protocol", "SASL_PLAINTEXT");
        kafka.put("sasl.mechanism", "SCRAM-SHA-256");
        kafka.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"none\" password=\"none\";");
        kafka.put("request.timeout.ms", ENOUGH_MS);
        kafka.put("default.api.timeout.ms", ENOUGH_MS);
        var registry = ClusterOptions.of(null, NOBODY, "http://" + NOBODY).registry();
        for (var topic : List.of(Topics.ALERTS, Topics.BLOCKS, Topics.OVERRIDES, Topics.ENFORCEMENT)) {
            topic.schema().getFields();
        }
        try {
            TopicReader.newest(kafka, registry, Topics.BLOCKS);
        } catch (KafkaException e) {
            // As it must be: nobody listens.
            return;
        }
    }
}
