package io.postbrake.cli;

import io.postbrake.agent.Agent;
import io.postbrake.agent.AgentConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a mail host's part against a cluster until it is told to stop. */
@Command(
        name = "agent",
        mixinStandardHelpOptions = true,
        description = "Run shipper and enforcer of this mail host against a cluster.")
final class AgentCommand implements Callable<Integer> {

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "YAML file of the agent.")
    private Path config;

    @Option(
            names = "--host-id",
            paramLabel = "ID",
            description = "Id of this mail host; stands over the file's host.id.")
    private String hostId;

    @Override
    public Integer call() throws Exception {
        Agent agent = Agent.start(AgentConfig.read(config, hostId));
        Runtime.getRuntime().addShutdownHook(new Thread(agent::close));
        Thread.currentThread().join();
        return 0;
    }
}
