package io.postbrake.agent;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.connect.connector.policy.AllConnectorClientConfigOverridePolicy;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.runtime.Worker;
import org.apache.kafka.connect.runtime.isolation.Plugins;
import org.apache.kafka.connect.runtime.rest.entities.ConnectorStateInfo;
import org.apache.kafka.connect.runtime.standalone.StandaloneConfig;
import org.apache.kafka.connect.runtime.standalone.StandaloneHerder;
import org.apache.kafka.connect.storage.FileOffsetBackingStore;
import org.apache.kafka.connect.util.Callback;
import org.apache.kafka.connect.util.ConnectorTaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connect's standalone runtime without its REST server, which nobody on a mail host calls: less memory, a quicker start
 * and no listener. Connect leaves a failed task failed; here it is started again, later and later.
 */
public final class ConnectWorker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectWorker.class);
    private static final String FAILED = "FAILED";
    private static final String RUNNING = "RUNNING";
    private static final long LOOK_MS = 500;
    private static final long FIRST_PAUSE_MS = 1000;
    private static final long LONGEST_PAUSE_MS = 30_000;

    private final StandaloneHerder herder;
    private final Map<String, Retry> retries = new HashMap<>();
    private final List<String> connectors = new ArrayList<>();
    private final Thread supervisor;
    private volatile boolean closing;

    private record Retry(long at, long pause) {}

    /** Connect asks the brokers for the cluster's id, a label of its metrics, and fails when none answers. */
    private static final class OfflineConfig extends StandaloneConfig {

        OfflineConfig(Map<String, String> settings) {
            super(settings);
        }

        @Override
        public String kafkaClusterId() {
            return "unknown";
        }
    }

    /**
     * Starts the runtime; it needs no broker for that.
     *
     * @param settings a standalone worker's settings, as Kafka Connect names them
     */
    public ConnectWorker(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.putIfAbsent("plugin.discovery", "service_load");
        // The topics are made with the right settings beforehand, and a check for them would fail while brokers are
        // away.
        all.putIfAbsent("topic.creation.enable", "false");
        var plugins = new Plugins(all);
        plugins.compareAndSwapWithDelegatingLoader();
        var config = new OfflineConfig(all);
        var offsets = new FileOffsetBackingStore(
                plugins.newInternalConverter(true, JsonConverter.class.getName(), Map.of("schemas.enable", "false")));
        offsets.configure(config);
        var policy = new AllConnectorClientConfigOverridePolicy();
        policy.configure(Map.of());
        var worker = new Worker("postbrake", Time.SYSTEM, plugins, config, offsets, policy);
        herder = new StandaloneHerder(worker, config.kafkaClusterId(), policy);
        herder.start();
        supervisor = new Thread(this::supervise, "connect-supervisor");
        supervisor.setDaemon(true);
        supervisor.start();
    }

    /**
     * Runs a connector.
     *
     * @throws IllegalArgumentException when its configuration is invalid
     */
    public void run(Map<String, String> connector) {
        String name = connector.get("name");
        var done = new CompletableFuture<Void>();
        herder.putConnectorConfig(name, connector, true, (error, created) -> complete(done, error));
        try {
            done.get(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting " + name, e);
        } catch (ExecutionException e) {
            throw new IllegalArgumentException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException(name + " did not start within 30 s", e);
        }
        synchronized (connectors) {
            connectors.add(name);
        }
    }

    private static void complete(CompletableFuture<Void> done, Throwable error) {
        if (error == null) {
            done.complete(null);
        } else {
            done.completeExceptionally(error);
        }
    }

    /** What does not run or says nothing, one sentence each; empty when all is well. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>(PluginProblems.all());
        for (String name : names()) {
            ConnectorStateInfo state = herder.connectorStatus(name);
            if (state == null || state.tasks().isEmpty()) {
                problems.add(name + " has no task yet");
                continue;
            }
            for (ConnectorStateInfo.TaskState task : state.tasks()) {
                if (!task.state().equals(RUNNING)) {
                    problems.add(name + " is " + task.state() + firstLine(task.trace()));
                }
            }
        }
        return problems;
    }

    private List<String> names() {
        synchronized (connectors) {
            return List.copyOf(connectors);
        }
    }

    private void supervise() {
        while (!closing) {
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
                names().forEach(this::restartFailed);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("Looking after the connectors: {}", e.getMessage());
            }
        }
    }

    private void restartFailed(String name) {
        ConnectorStateInfo state = herder.connectorStatus(name);
        if (state == null) {
            return;
        }
        if (state.connector().state().equals(FAILED)) {
            again(name, state.connector().trace(), told -> herder.restartConnector(name, told));
        }
        for (ConnectorStateInfo.TaskState task : state.tasks()) {
            var id = new ConnectorTaskId(name, task.id());
            if (task.state().equals(FAILED)) {
                again(id.toString(), task.trace(), told -> herder.restartTask(id, told));
            }
        }
    }

    private void again(String what, String trace, Consumer<Callback<Void>> restart) {
        long now = System.nanoTime() / 1_000_000;
        Retry last = retries.get(what);
        if (last != null && now < last.at()) {
            return;
        }
        // Whoever ran longer than the longest pause starts over with a short one.
        boolean steady = last == null || now > last.at() + last.pause() + LONGEST_PAUSE_MS;
        long pause = steady ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, last.pause() * 2);
        retries.put(what, new Retry(now + pause, pause));
        LOG.warn("{} failed and is started again, next try in {} ms at the earliest{}", what, pause, firstLine(trace));
        restart.accept((error, nothing) -> {
            if (error != null) {
                LOG.warn("{} did not start: {}", what, error.getMessage());
            }
        });
    }

    /** Connect's traces are long; the cause is what helps. */
    private static String firstLine(String trace) {
        if (trace == null) {
            return "";
        }
        String cause = trace.lines()
                .filter(line -> line.startsWith("Caused by: "))
                .reduce((a, b) -> b)
                .orElse(null);
        return ": " + (cause == null ? trace.lines().findFirst().orElse("") : cause.substring("Caused by: ".length()));
    }

    @Override
    public void close() {
        closing = true;
        supervisor.interrupt();
        herder.stop();
    }
}
