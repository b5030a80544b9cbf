package io.postbrake.wire;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.RestService;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Confluent-compatible registry over HTTP. Callers wait for as long as it is unavailable; an interrupt or
 * {@link #close} ends their wait with an error that no handler of bad records takes for one.
 */
public final class ConfluentSchemaRegistry implements SchemaRegistry, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfluentSchemaRegistry.class);
    private static final int CACHED_SCHEMAS = 1000;
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;
    private static final long UNKNOWN_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long REMINDER_NS = TimeUnit.MINUTES.toNanos(1);
    /** The client's own minute is long for one that hangs; the next attempt may meet another node. */
    private static final Map<String, String> TIMEOUTS =
            Map.of("http.connect.timeout.ms", "5000", "http.read.timeout.ms", "10000");
    /** For whoever waits a bounded time only. */
    private static final Map<String, String> SHORT_TIMEOUTS =
            Map.of("http.connect.timeout.ms", "3000", "http.read.timeout.ms", "5000");

    private final String url;
    private final RestService rest;
    private final CachedSchemaRegistryClient client;
    private final Map<Integer, Schema> byId = new ConcurrentHashMap<>();
    /** Ids that the registry refused, and until when that is believed. */
    private final Map<Integer, Long> unknown = new ConcurrentHashMap<>();

    private final AtomicLong retries = new AtomicLong();
    private final AtomicBoolean away = new AtomicBoolean();
    private volatile long toldAt;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Duration patienceOrNull;

    private ConfluentSchemaRegistry(
            String url, RestService rest, CachedSchemaRegistryClient client, Duration patienceOrNull) {
        this.patienceOrNull = patienceOrNull;
        this.url = url;
        this.rest = rest;
        this.client = client;
    }

    /**
     * Makes a client; nothing is sent yet.
     *
     * @param url one or more http or https addresses, separated by commas
     * @param securityProps settings of the Confluent client such as {@code basic.auth.user.info}, and Kafka's {@code ssl.*};
     *     of the latter the files may be replaced meanwhile
     * @throws IllegalArgumentException naming the setting that is wrong
     */
    public static ConfluentSchemaRegistry connect(String url, Map<String, String> securityProps) {
        return connect(url, securityProps, TIMEOUTS, null);
    }

    /**
     * The same for a person who waits: a request that is not answered within {@code patience} or a little more ends in
     * {@link RegistryAwayException}.
     */
    public static ConfluentSchemaRegistry connect(String url, Map<String, String> securityProps, Duration patience) {
        return connect(url, securityProps, SHORT_TIMEOUTS, patience);
    }

    private static ConfluentSchemaRegistry connect(
            String url, Map<String, String> securityProps, Map<String, String> timeouts, Duration patienceOrNull) {
        List<String> urls = Arrays.stream(url == null ? new String[0] : url.split(",", -1))
                .map(String::strip)
                .toList();
        if (urls.isEmpty() || !urls.stream().allMatch(ConfluentSchemaRegistry::isHttp)) {
            throw new IllegalArgumentException("schema.registry.url=" + url
                    + " is not an http or https address; right would be http://127.0.0.1:8081");
        }
        Map<String, Object> configs = new LinkedHashMap<>(timeouts);
        configs.putAll(securityProps);
        RestService rest = new RestService(urls);
        Map<String, String> tls = TlsFiles.within(securityProps);
        // Its client would look for them under one name only, and read their files once.
        configs.keySet().removeIf(key -> key.startsWith("schema.registry.ssl."));
        var client = new CachedSchemaRegistryClient(rest, CACHED_SCHEMAS, configs);
        if (!tls.isEmpty()) {
            rest.setSslSocketFactory(new RenewingSockets(TlsFiles.ofText(tls)));
        }
        return new ConfluentSchemaRegistry(String.join(",", urls), rest, client, patienceOrNull);
    }

    private static boolean isHttp(String url) {
        try {
            URI uri = URI.create(url);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public int idOf(String subject, Schema schema) {
        return call("look up " + subject, () -> client.getId(subject, text(schema)));
    }

    @Override
    public int register(String subject, Schema schema) {
        return call("register " + subject, () -> client.register(subject, text(schema)));
    }

    @Override
    public Schema schemaById(int id) {
        Schema known = byId.get(id);
        if (known == null) {
            String text = text(id);
            try {
                known = new Schema.Parser().parse(text);
            } catch (AvroRuntimeException | StackOverflowError e) {
                throw new BadRecordException("schema " + id + " is not an Avro schema", e);
            }
            if (byId.size() < CACHED_SCHEMAS) {
                byId.put(id, known); // Anybody who may register schemas can name ever new ones; ours come first.
            }
        }
        return known;
    }

    /** One bad record seldom comes alone: the registry is not asked for each of them. */
    private String text(int id) {
        Long until = unknown.get(id);
        if (until != null && until - System.nanoTime() > 0) {
            throw new BadRecordException("schema registry " + url + " knew no schema " + id + " a moment ago");
        }
        try {
            return call("read schema " + id, () -> client.getSchemaById(id).canonicalString());
        } catch (BadRecordException e) {
            if (unknown.size() >= CACHED_SCHEMAS) {
                unknown.clear();
            }
            unknown.put(id, System.nanoTime() + UNKNOWN_NS);
            throw e;
        }
    }

    @Override
    public List<String> subjects() {
        return call("list subjects", client::getAllSubjects).stream().sorted().toList();
    }

    @Override
    public void setCompatibility(String subject, String level) {
        call("set compatibility of " + subject, () -> client.updateCompatibility(subject, level));
    }

    @Override
    public boolean isCompatible(String subject, Schema schema) {
        return call("check " + subject, () -> {
            try {
                // The cached client asks about the newest version only, whatever the level says.
                return rest.testCompatibility(schema.toString(), subject, false).isEmpty();
            } catch (RestClientException e) {
                if (e.getStatus() == 404) {
                    return true; // no version yet: anything may come first
                }
                throw e;
            }
        });
    }

    /** How often a request had to be repeated because the registry was unavailable. */
    public long retries() {
        return retries.get();
    }

    /** Whether somebody waits for the registry now, or gave up and nobody has asked since. */
    public boolean isAway() {
        return away.get();
    }

    /** Lets go of all who wait; from now on nobody waits. */
    public void endWaits() {
        closed.countDown();
    }

    @Override
    public void close() throws IOException {
        endWaits();
        client.close();
    }

    private static AvroSchema text(Schema schema) {
        return new AvroSchema(schema.toString());
    }

    private <T> T call(String what, Request<T> request) {
        long pause = FIRST_PAUSE_MS;
        long began = System.nanoTime();
        while (true) {
            try {
                T answer = request.send();
                back();
                return answer;
            } catch (RestClientException e) {
                if (!isUnavailable(e)) {
                    back();
                    throw new BadRecordException(
                            "schema registry " + url + " refused to " + what + ": status " + e.getStatus() + ", "
                                    + e.getMessage(),
                            e);
                }
                wait(what, "status " + e.getStatus(), pause, began);
            } catch (IOException e) {
                if (isForeignSchema(e)) {
                    throw new BadRecordException(
                            "schema registry " + url + " holds something else than Avro: " + what, e);
                }
                wait(what, e.toString(), pause, began);
            }
            pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
        }
    }

    private static boolean isUnavailable(RestClientException e) {
        int status = e.getStatus();
        return status >= 500
                || status == 401
                || status == 403
                || status == 408
                || status == 429
                // Whoever stands in front of a registry answers so while it is away. The registry itself says what it
                // does not know in a body that names an error code.
                || (status == 404 && !isNotFound(e.getErrorCode()));
    }

    private static boolean isNotFound(int errorCode) {
        return errorCode == 404 || errorCode / 100 == 404;
    }

    // The client reports a schema that it cannot parse with the exception type that it uses for the network.
    private static boolean isForeignSchema(IOException e) {
        return e.getClass() == IOException.class
                && e.getMessage() != null
                && e.getMessage().startsWith("Invalid schema");
    }

    private void wait(String what, String failure, long pause, long began) {
        retries.incrementAndGet();
        if (patienceOrNull != null && System.nanoTime() - began + pause * 1_000_000 > patienceOrNull.toNanos()) {
            throw new RegistryAwayException("no answer from the schema registry " + url + " (" + failure + ")");
        }
        long now = System.nanoTime();
        boolean tell = !away.getAndSet(true) || now - toldAt > REMINDER_NS;
        if (tell && patienceOrNull == null) {
            toldAt = now;
            LOG.warn("Schema registry {} is unavailable (cannot {}: {}); waiting for it", url, what, failure);
        }
        try {
            if (!closed.await(pause, TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new RegistryWaitEnded("stopped while waiting for schema registry " + url);
    }

    private void back() {
        if (away.getAndSet(false)) {
            LOG.warn("Schema registry {} is back", url);
        }
    }

    private interface Request<T> {
        T send() throws IOException, RestClientException;
    }
}
