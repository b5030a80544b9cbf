package io.postbrake.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.MaxMindGeo;
import io.postbrake.streams.DetectorTopology;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running detector: the topology, its health and its metrics. */
public final class Detector implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Detector.class);
    private static final Duration GEO_CHECK = Duration.ofSeconds(10);

    private final KafkaStreams streams;
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final KafkaStreamsMetrics streamsMetrics;
    private final ScheduledExecutorService geoReload;
    private final MaxMindGeo geo;
    private final HttpServer http;

    private Detector(DetectorConfig config) throws IOException {
        geo = config.geoFiles().isEmpty() ? null : MaxMindGeo.open(config.geoFiles());
        Properties properties = streamsProperties(config);
        var registry = ConfluentSchemaRegistry.connect(config.registryUrl(), config.registryProperties());
        var topology = new DetectorTopology(
                        properties,
                        config.partitions(),
                        registry,
                        geo == null ? GeoLookup.none() : geo,
                        config.detection())
                .get();
        streams = new KafkaStreams(topology, properties);
        streams.setUncaughtExceptionHandler(e -> {
            LOG.error("A stream thread failed and is replaced", e);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        streamsMetrics = new KafkaStreamsMetrics(streams);
        streamsMetrics.bindTo(meters);
        Gauge.builder(
                        "postbrake.geo.problems",
                        () -> geo == null ? 0 : geo.problems().size())
                .description("Geography files that could not be reloaded")
                .register(meters);
        geoReload = geo == null ? null : reloadEvery(geo);
        http = config.httpPort() < 0 ? null : serve(config.httpPort());
    }

    /** Starts the detector; {@link #close} stops it. */
    public static Detector start(DetectorConfig config) throws IOException {
        var detector = new Detector(config);
        detector.streams.start();
        return detector;
    }

    /** Whether the topology runs: events are being judged. */
    public boolean ready() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    /** Port of health and metrics on loopback, -1 when not served. */
    public int httpPort() {
        return http == null ? -1 : http.getAddress().getPort();
    }

    static Properties streamsProperties(DetectorConfig config) {
        var p = new Properties();
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "20");
        p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, "0");
        p.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, "true");
        p.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, LogAndContinueExceptionHandler.class);
        p.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, LogAndContinueProcessingExceptionHandler.class);
        p.put("errors.dead.letter.queue.topic.name", Topics.DEAD_LETTER);
        // A dead instance must be noticed, and its transaction given up, within seconds.
        p.put(StreamsConfig.consumerPrefix("session.timeout.ms"), "10000");
        p.put(StreamsConfig.consumerPrefix("heartbeat.interval.ms"), "2000");
        p.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        p.put(StreamsConfig.producerPrefix("transaction.timeout.ms"), "10000");
        p.put(StreamsConfig.producerPrefix("linger.ms"), "0");
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

    private HttpServer serve(int port) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/metrics", exchange -> answer(exchange, 200, meters.scrape()));
        server.createContext("/health/live", exchange -> {
            boolean live = streams.state() != KafkaStreams.State.ERROR;
            answer(exchange, live ? 200 : 503, streams.state().name());
        });
        server.createContext(
                "/health/ready",
                exchange ->
                        answer(exchange, ready() ? 200 : 503, streams.state().name()));
        server.start();
        return server;
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        try (exchange) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        streams.close(Duration.ofSeconds(10));
        streamsMetrics.close();
        if (geoReload != null) {
            geoReload.shutdownNow();
            geo.close();
        }
        if (http != null) {
            http.stop(0);
        }
    }
}
