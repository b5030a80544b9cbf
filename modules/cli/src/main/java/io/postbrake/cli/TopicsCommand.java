package io.postbrake.cli;

import io.postbrake.wire.TopicAdmin;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Creates, checks or shows the topics of the catalogue. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        description = "Create or check the topics, show what is on one, or who needs which rights.",
        subcommands = {TopicShowCommand.class, TopicAclsCommand.class})
final class TopicsCommand {

    @Spec
    private CommandSpec spec;

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Create the topics that are missing.")
    int create(
            @Mixin ClusterOptions cluster,
            @Option(names = "--partitions", defaultValue = "12", description = "Partitions a topic; default 12.")
                    int partitions,
            @Option(names = "--replication", defaultValue = "3", description = "Replication factor; default 3.")
                    short replication,
            @Option(names = "--raw-lines", description = "Also the topic of raw lines.") boolean rawLines)
            throws Exception {
        try (Admin admin = Admin.create(cluster.kafka())) {
            new TopicAdmin(admin, partitions, replication, rawLines).create();
        }
        return 0;
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "Exit 1 and say what is wrong, if anything.")
    int check(
            @Mixin ClusterOptions cluster,
            @Option(
                            names = "--partitions",
                            description =
                                    "Partitions that each topic is to have; default as --config says, or any number"
                                            + " that topics keyed by subject have in common.")
                    Integer partitions,
            @Option(names = "--raw-lines", description = "Also the topic of raw lines.") boolean rawLines,
            @Option(names = "--json", description = "As JSON.") boolean json)
            throws Exception {
        try (Admin admin = Admin.create(cluster.kafka())) {
            Integer wanted = partitions == null ? cluster.partitions() : partitions;
            List<String> problems = wanted == null
                    ? TopicAdmin.ofAnyPartitions(admin, rawLines).check()
                    : new TopicAdmin(admin, wanted, (short) 1, rawLines).check();
            return told(problems, json);
        }
    }

    private int told(List<String> problems, boolean json) {
        var out = spec.commandLine().getOut();
        if (json) {
            Json.print(out, Map.of("problems", problems));
        } else {
            problems.forEach(out::println);
        }
        return problems.isEmpty() ? 0 : 1;
    }
}
