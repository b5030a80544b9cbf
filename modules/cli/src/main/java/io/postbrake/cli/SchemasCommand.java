package io.postbrake.cli;

import io.postbrake.wire.SchemaAdmin;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Registers or checks the schemas of the catalogue. */
@Command(name = "schemas", mixinStandardHelpOptions = true, description = "Register or check the schemas.")
final class SchemasCommand {

    @Spec
    private CommandSpec spec;

    @Command(name = "register", mixinStandardHelpOptions = true, description = "Register the schemas of all topics.")
    int register(@Mixin ClusterOptions cluster) throws Exception {
        new SchemaAdmin(cluster.registry()).register();
        return 0;
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "Exit 1 and say what is wrong, if anything.")
    int check(@Mixin ClusterOptions cluster, @Option(names = "--json", description = "As JSON.") boolean json)
            throws Exception {
        List<String> problems = new SchemaAdmin(cluster.registry()).check();
        return told(problems, json);
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
