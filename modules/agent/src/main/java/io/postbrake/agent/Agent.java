package io.postbrake.agent;

import io.postbrake.policyserver.PolicyServer;
import io.postbrake.settings.PortTaken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A mail host's part: the shipper of its log, the enforcer of its policy map and its quotas, in one small JVM; or the alert sink. */
public final class Agent implements AutoCloseable {

    private final PolicyServer quotas;
    private final FleetCounts fleet;
    private final ConnectWorker worker;
    private final AgentHttp http;

    private Agent(AgentConfig config) throws IOException {
        Path offsets = Path.of(config.worker().get("offset.storage.file.filename"));
        Files.createDirectories(
                offsets.getParent(),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        // First, and whatever becomes of the others: Postfix asks it for each recipient.
        quotas = config.quotas() == null
                ? null
                : PolicyServer.start(config.quotas(), config.stateDir().resolve("quotas"));
        fleet = quotas == null || !quotas.isShared()
                ? null
                : FleetCounts.start(config.hostId(), config.cluster(), quotas);
        try {
            worker = new ConnectWorker(config.worker());
        } catch (RuntimeException e) {
            closeQuotas();
            throw e;
        }
        try {
            if (!config.source().isEmpty()) {
                worker.run(config.sourceConnector());
            }
            if (!config.enforcer().isEmpty()) {
                worker.run(config.sinkConnector());
            }
            config.receivers().keySet().forEach(name -> worker.run(config.alertConnector(name)));
            http = config.httpPort() < 0
                    ? null
                    : PortTaken.named(
                            "http.port",
                            config.httpPort(),
                            () -> AgentHttp.serve(config.httpHost(), config.httpPort(), this::problems));
        } catch (IOException | RuntimeException e) {
            worker.close();
            closeQuotas();
            throw e;
        }
    }

    /**
     * Starts the agent. Brokers and registry that are away are waited for.
     *
     * @throws IllegalArgumentException when a connector's configuration is invalid
     */
    public static Agent start(AgentConfig config) throws IOException {
        return new Agent(config);
    }

    /** Port of health and metrics, -1 when not served. */
    public int httpPort() {
        return http == null ? -1 : http.port();
    }

    /** What does not run, by sentence; empty when all is well. */
    public List<String> problems() {
        List<String> all = new ArrayList<>(worker.problems());
        if (quotas != null) {
            all.addAll(quotas.problems());
        }
        return all;
    }

    private void closeQuotas() {
        if (fleet != null) {
            fleet.close();
        }
        if (quotas != null) {
            quotas.close();
        }
    }

    @Override
    public void close() {
        if (http != null) {
            http.close();
        }
        worker.close();
        closeQuotas();
    }

    /** Runs an agent until the process is told to stop: {@code --config FILE [--host-id ID]}. */
    public static void main(String[] args) throws Exception {
        Map<String, String> options = options(args);
        if (options == null || !options.containsKey("--config")) {
            System.err.println("usage: postbrake-agent --config FILE [--host-id ID]");
            System.exit(2);
        }
        try {
            Agent agent = start(AgentConfig.read(Path.of(options.get("--config")), options.get("--host-id")));
            Runtime.getRuntime().addShutdownHook(new Thread(agent::close));
            Thread.currentThread().join();
        } catch (IllegalArgumentException e) {
            System.err.println("postbrake-agent: " + e.getMessage());
            System.exit(2);
        }
    }

    private static Map<String, String> options(String[] args) {
        Map<String, String> options = new java.util.HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            boolean known = args[i].equals("--config") || args[i].equals("--host-id");
            if (!known || i + 1 == args.length) {
                return null;
            }
            options.put(args[i], args[i + 1]);
        }
        return options;
    }
}
