package io.postbrake.app;

import com.sun.net.httpserver.HttpExchange;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.postbrake.app.console.Console;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.MaxMindGeo;
import io.postbrake.http.HttpListener;
import io.postbrake.settings.PortTaken;
import io.postbrake.streams.BadRecords;
import io.postbrake.streams.DetectorMeters;
import io.postbrake.streams.DetectorTopology;
import io.postbrake.streams.OpenCases;
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
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
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
    private static final Duration GEO_CHECK = Duration.ofSeconds(10);
    private static final String TEXT = "text/plain; charset=utf-8";
    /** The format's version is part of its type. */
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long STORE_CACHE_BYTES = 16L << 20;

    private final ConfluentSchemaRegistry registry;
    private final DeadLetterProducer letters;
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ScheduledExecutorService geoReload;
    private final MaxMindGeo geo;
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
        Properties properties = streamsProperties(config);
        letters = new DeadLetterProducer(config.kafka());
        BadRecords.handle(properties, meters, Topics.DEAD_LETTER, letters);
        Map<String, Object> admin = checked(properties);
        geo = config.geoFiles().isEmpty() ? null : MaxMindGeo.open(config.geoFiles());
        registry = ConfluentSchemaRegistry.connect(config.registryUrl(), config.registryProperties());
        prerequisites = new Prerequisites(admin, config, registry);
        health = new Health(() -> streams, prerequisites::missing, registry::isAway, restoration);
        var counted = new DetectorMeters(meters);
        var detection = new DetectorTopology(
                properties,
                config.partitions(),
                registry,
                geo == null ? GeoLookup.none() : geo,
                config.detection(),
                counted,
                config.rawLines());
        service.control(detection);
        var topology = detection.get();
        service.deadLetters(letters);
        service.schemas(registry);
        service.geography(geo);
        service.health(health, restoration);
        geoReload = geo == null ? null : reloadEvery(geo);
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

    /** Kafka checks most client settings only when it makes the clients, which may be long after the start. */
    private static Map<String, Object> checked(Properties properties) {
        try {
            var config = new StreamsConfig(properties);
            Map<String, Object> consumer = config.getMainConsumerConfigs("check", "check", 0);
            consumer.putIfAbsent("key.deserializer", ByteArrayDeserializer.class);
            consumer.putIfAbsent("value.deserializer", ByteArrayDeserializer.class);
            var unusedConsumer = new ConsumerConfig(consumer);
            Map<String, Object> producer = config.getProducerConfigs("check");
            producer.putIfAbsent("key.serializer", ByteArraySerializer.class);
            producer.putIfAbsent("value.serializer", ByteArraySerializer.class);
            var unusedProducer = new ProducerConfig(producer);
            return config.getAdminConfigs("postbrake-start");
        } catch (ConfigException e) {
            throw new IllegalArgumentException("kafka: " + e.getMessage(), e);
        }
    }

    private void begin(Topology topology, Properties properties) {
        try {
            prerequisites.await();
            begin(new KafkaStreams(topology, properties));
        } catch (InterruptedException | RegistryWaitEnded e) {
            LOG.info("Stopped before it began", e);
        } catch (RuntimeException e) {
            LOG.error("The detector cannot start: {}", e.getMessage());
            health.failed(e.getMessage());
            end.completeExceptionally(e);
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
            LOG.error("A stream thread failed and is replaced", e);
            service.threadReplaced();
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        ready.setGlobalStateRestoreListener(restoration);
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

    static Properties streamsProperties(DetectorConfig config) {
        var p = new Properties();
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "20");
        // A thread that waits for records commits nothing meanwhile: with the default of 100 ms each hop of the last
        // record before a pause costs so much.
        p.put(StreamsConfig.POLL_MS_CONFIG, "5");
        // Many changes of one key between two commits are one change for the changelog.
        p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, Long.toString(STORE_CACHE_BYTES));
        p.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemory.class);
        p.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, "true");
        // A dead instance must be noticed, and its transaction given up, within seconds.
        p.put(StreamsConfig.consumerPrefix("session.timeout.ms"), "10000");
        p.put(StreamsConfig.consumerPrefix("heartbeat.interval.ms"), "2000");
        p.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        p.put(StreamsConfig.producerPrefix("transaction.timeout.ms"), "10000");
        // A commit sends at once what lingers; until then nobody may read it.
        p.put(StreamsConfig.producerPrefix("linger.ms"), "20");
        p.put(StreamsConfig.producerPrefix("batch.size"), "262144");
        // A transaction's first requests are refused while the one before is being finished; with more than one under
        // way
        // the later ones would be refused as out of order, too.
        p.put(StreamsConfig.producerPrefix("max.in.flight.requests.per.connection"), "1");
        p.put(StreamsConfig.producerPrefix("retry.backoff.ms"), "10");
        p.putAll(config.kafka());
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, config.applicationId());
        p.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDir().toString());
        return p;
    }

    private static ScheduledExecutorService reloadEvery(MaxMindGeo geo) {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "geo-reload");
            thread.setDaemon(true);
            return thread;
        });
        var unused = executor.scheduleWithFixedDelay(
                geo::reloadIfChanged, GEO_CHECK.toSeconds(), GEO_CHECK.toSeconds(), TimeUnit.SECONDS);
        return executor;
    }

    private Console console(DetectorConfig config, OpenCases cases) throws IOException {
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
        if (geoReload != null) {
            geoReload.shutdownNow();
            geo.close();
        }
        if (http != null) {
            http.close();
        }
    }

    private synchronized void stopStreams() {
        end.complete(null);
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
