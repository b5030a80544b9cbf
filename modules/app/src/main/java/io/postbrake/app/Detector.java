package io.postbrake.app;

import com.sun.net.httpserver.HttpExchange;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.postbrake.app.console.Console;
import io.postbrake.geo.AddressLists;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.MaxMindGeo;
import io.postbrake.http.HttpListener;
import io.postbrake.settings.PortTaken;
import io.postbrake.streams.BadRecords;
import io.postbrake.streams.DetectorMeters;
import io.postbrake.streams.DetectorTopology;
import io.postbrake.streams.OpenIncidentIndex;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.RegistryWaitEnded;
import io.postbrake.wire.Topics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running detector: the topology, its health and its metrics. */
public final class Detector implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Detector.class);
    private static final Duration FILE_CHECK = Duration.ofSeconds(10);
    private static final String TEXT = "text/plain; charset=utf-8";
    /** The format's version is part of its type. */
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final StateDir state;
    private final Membership membership;
    private final ConfluentSchemaRegistry registry;
    private final DeadLetterProducer letters;
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ScheduledExecutorService fileReload;
    private final MaxMindGeo geo;
    private final AddressLists lists;
    private final HttpListener http;
    private final Prerequisites prerequisites;
    private final Thread starter;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile KafkaStreams streams;
    private final Restoration restoration = new Restoration();
    private final ServiceMeters service = new ServiceMeters(meters);
    private final Health health;
    private final Console console;

    private Detector(DetectorConfig config) throws IOException {
        Properties properties = StreamsSettings.of(config);
        letters = new DeadLetterProducer(config.kafka());
        BadRecords.handle(properties, meters, Topics.DEAD_LETTER, letters);
        Map<String, Object> admin = StreamsSettings.checked(properties);
        state = config.keepsState() ? new StateDir(config.stateDir()) : null;
        membership = new Membership(config, admin);
        geo = config.geoFiles().isEmpty() ? null : MaxMindGeo.open(config.geoFiles());
        lists = AddressLists.open(config.lists());
        registry = ConfluentSchemaRegistry.connect(config.registryUrl(), config.registryProperties());
        prerequisites = new Prerequisites(admin, config, registry);
        health = new Health(() -> streams, prerequisites::missing, registry::isAway, restoration);
        var counted = new DetectorMeters(meters);
        var detection = new DetectorTopology(
                properties,
                config.partitions(),
                registry,
                lists.beside(geo == null ? GeoLookup.none() : geo),
                config.detection(),
                counted,
                config.rawLines());
        service.control(detection);
        var topology = detection.get();
        service.deadLetters(letters);
        service.schemas(registry);
        service.geography(geo);
        service.reputation(lists);
        service.health(health, restoration);
        fileReload = reloadEvery(this::reload);
        http = config.httpPort() < 0 ? null : PortTaken.named("http.port", config.httpPort(), () -> serve(config));
        console = config.console().port() < 0
                ? null
                : PortTaken.named("console.port", config.console().port(), () -> console(config, counted.cases()));
        if (console != null) {
            properties.put(StreamsConfig.APPLICATION_SERVER_CONFIG, console.advertised());
        }
        starter = new Thread(() -> begin(topology, properties), "detector-start");
    }

    /**
     * Starts the detector; {@link #close} stops it. While brokers, registry or topics are not there, it waits for them,
     * says so in the log and is not {@link #ready}.
     */
    public static Detector start(DetectorConfig config) throws IOException {
        var detector = new Detector(config);
        detector.starter.start();
        return detector;
    }

    private void begin(Topology topology, Properties properties) {
        KafkaStreams made = null;
        try {
            if (state != null) {
                state.prepare();
            }
            prerequisites.await();
            membership.settle(properties);
            made = streams(topology, properties);
            membership.awaitPlace(made, StreamsSettings.sessionMs(properties));
            begin(made);
        } catch (InterruptedException | RegistryWaitEnded e) {
            LOG.info("Stopped before it began", e);
            close(made);
        } catch (IOException | RuntimeException e) {
            close(made);
            failed(e);
        }
    }

    private void failed(Exception e) {
        LOG.error("The detector cannot run: {}", e.getMessage());
        health.failed(e.getMessage());
        end.completeExceptionally(e);
    }

    private KafkaStreams streams(Topology topology, Properties properties) throws IOException {
        var made = new KafkaStreams(topology, properties, new RestingClients());
        if (state != null) {
            state.settle(properties);
        }
        return made;
    }

    private static void close(KafkaStreams madeOrNull) {
        if (madeOrNull != null) {
            madeOrNull.close();
        }
    }

    private synchronized void begin(KafkaStreams ready) {
        if (end.isDone()) {
            ready.close();
            return;
        }
        ready.setUncaughtExceptionHandler(e -> {
            if (e instanceof RegistryWaitEnded) {
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT; // That is why it waits no more.
            }
            if (Membership.isPushedOut(e)) {
                // A thread in its place would push out the other one, and so on.
                failed(new IllegalArgumentException(membership.pushedOut(), e));
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            }
            LOG.error("A stream thread failed and is replaced", e);
            service.threadReplaced();
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        ready.setGlobalStateRestoreListener(restoration);
        ready.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.REBALANCING) {
                membership.takesOver(() -> ready.state() == KafkaStreams.State.REBALANCING);
            }
        });
        service.streams(ready);
        ready.start();
        streams = ready;
    }

    /** Whether events are being judged. */
    public boolean ready() {
        return health.ready().good();
    }

    /**
     * Returns when the detector was closed.
     *
     * @throws IllegalArgumentException when it could not start, and no waiting would help
     */
    public void awaitEnd() throws InterruptedException {
        try {
            end.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IllegalArgumentException cause
                    ? cause
                    : new IllegalStateException(e.getCause().getMessage(), e.getCause());
        }
    }

    /** Where other parts of this JVM may show their numbers beside the detector's. */
    public PrometheusRegistry metrics() {
        return meters.getPrometheusRegistry();
    }

    /** Has {@code /health/ready} ask also what runs beside the detector: a sentence for each thing that is wrong. */
    public void alsoAsk(Supplier<List<String>> parts) {
        health.asks(parts);
    }

    /** Port of health and metrics, -1 when not served. */
    public int httpPort() {
        return http == null ? -1 : http.port();
    }

    /** Port of the console, -1 when not served. */
    public int consolePort() {
        return console == null ? -1 : console.port();
    }

    /** Takes up files of places and lists that changed. */
    private void reload() {
        if (geo != null) {
            geo.reloadIfChanged();
        }
        lists.reloadIfChanged();
    }

    private static ScheduledExecutorService reloadEvery(Runnable reload) {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "file-reload");
            thread.setDaemon(true);
            return thread;
        });
        var unused = executor.scheduleWithFixedDelay(
                reload, FILE_CHECK.toSeconds(), FILE_CHECK.toSeconds(), TimeUnit.SECONDS);
        return executor;
    }

    private Console console(DetectorConfig config, OpenIncidentIndex cases) throws IOException {
        Map<String, Object> consumer = new HashMap<>(config.kafka());
        consumer.keySet().retainAll(ConsumerConfig.configNames());
        Map<String, Object> producer = new HashMap<>(config.kafka());
        producer.keySet().retainAll(ProducerConfig.configNames());
        return Console.start(config.console(), config.partitions(), () -> streams, cases, consumer, producer, registry);
    }

    private HttpListener serve(DetectorConfig config) throws IOException {
        var server = HttpListener.bind("detector-http", new InetSocketAddress(config.httpAddress(), config.httpPort()));
        server.on("/metrics", exchange -> answer(exchange, 200, METRICS, meters.scrape()));
        server.on("/health/live", exchange -> answer(exchange, health.live()));
        server.on("/health/ready", exchange -> answer(exchange, health.readyWithParts()));
        // Also what is below it and has no context of its own: that is unknown.
        server.on("/health", exchange -> {
            if (exchange.getRequestURI().getPath().matches("/health/?")) {
                answer(exchange, health.readyWithParts());
            } else {
                answer(exchange, 404, TEXT, "there are /health, /health/live, /health/ready and /metrics");
            }
        });
        server.start();
        return server;
    }

    private static void answer(HttpExchange exchange, Health.Answer answer) throws IOException {
        answer(exchange, answer.good() ? 200 : 503, TEXT, answer.reason());
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        try (exchange) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        starter.interrupt();
        if (console != null) {
            console.close();
        }
        stopStreams();
        letters.close();
        try {
            registry.close();
        } catch (IOException e) {
            LOG.warn("Closing the registry client: {}", e.getMessage());
        }
        fileReload.shutdownNow();
        if (geo != null) {
            geo.close();
        }
        if (http != null) {
            http.close();
        }
    }

    private synchronized void stopStreams() {
        end.complete(null);
        membership.close();
        if (streams == null) {
            return;
        }
        // Streams stays in its group by default, and its partitions would wait for the session to time out.
        var leaving = CloseOptions.timeout(PATIENCE).withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP);
        if (!streams.close(leaving)) {
            registry.endWaits(); // A thread that waits for the registry hears of nothing else.
            streams.close(leaving);
        }
        service.close();
    }
}
