package io.postbrake.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which cluster and registry a command talks to whose {@code --config} is the detection's. */
final class FarOptions {

    @Option(
            names = "--cluster",
            paramLabel = "FILE",
            description = "Properties of the Kafka client (security too) and, with the prefix schema.registry., of the"
                    + " registry client.")
    private Path cluster;

    @Option(names = "--bootstrap", paramLabel = "HOST:PORT", description = "Brokers; default 127.0.0.1:19092.")
    private String bootstrap;

    @Option(names = "--registry", paramLabel = "URL", description = "Schema Registry; default http://127.0.0.1:18081.")
    private String registry;

    /** The cluster; where no option says one, that of {@code fileOrNull}. */
    ClusterOptions cluster(Path fileOrNull) {
        boolean said = cluster != null || bootstrap != null;
        return ClusterOptions.of(said ? cluster : fileOrNull, bootstrap, registry);
    }
}
