package io.postbrake.app.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.state.HostInfo;

/** The other instances' consoles, which have the partitions that are not here. */
final class Peers {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Supplier<KafkaStreams> streams;
    private final HostInfo self;
    private final List<String> stores;
    private final String tokenOrNull;
    private final ObjectMapper mapper = new ObjectMapper();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    /**
     * The instances that Streams knows to have a part of one of {@code stores}, of which the first is by subject.
     *
     * @param tokenOrNull what this instance shows the others
     */
    Peers(Supplier<KafkaStreams> streams, HostInfo self, List<String> stores, String tokenOrNull) {
        this.streams = streams;
        this.self = self;
        this.stores = stores;
        this.tokenOrNull = tokenOrNull;
    }

    /** The instance that has the state of {@code key}; null for this one. */
    HostInfo owner(String key) {
        KafkaStreams running = running();
        KeyQueryMetadata metadata = running.queryMetadataForKey(stores.get(0), key, new StringSerializer());
        if (metadata == null || metadata.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
            throw new NotNow("no instance has this part of the state: " + running.state());
        }
        return metadata.activeHost().equals(self) ? null : metadata.activeHost();
    }

    /** Answers of all others to {@code path}, by their host:port; null where there was none. */
    Map<String, ObjectNode> all(String path) {
        Set<HostInfo> hosts = others();
        Map<String, CompletableFuture<HttpResponse<byte[]>>> asked = new TreeMap<>();
        hosts.forEach(host -> asked.put(name(host), http.sendAsync(request(host, path), bytes())));
        Map<String, ObjectNode> answers = new TreeMap<>();
        asked.forEach((name, answer) -> answers.put(name, read(answer)));
        return answers;
    }

    /** Whether there are other instances that have a part of the state. */
    boolean areThere() {
        return !others().isEmpty();
    }

    private Set<HostInfo> others() {
        Set<HostInfo> hosts = new LinkedHashSet<>();
        for (String store : stores) {
            running().streamsMetadataForStore(store).forEach(metadata -> hosts.add(metadata.hostInfo()));
        }
        hosts.remove(self);
        return hosts;
    }

    /** The answer of one instance, with its status. */
    HttpResponse<byte[]> ask(HostInfo host, String path) throws InterruptedException {
        try {
            return http.send(request(host, path), bytes());
        } catch (IOException e) {
            throw new NotNow("instance " + name(host) + " has this part of the state and does not answer");
        }
    }

    private static HttpResponse.BodyHandler<byte[]> bytes() {
        return HttpResponse.BodyHandlers.ofByteArray();
    }

    private ObjectNode read(CompletableFuture<HttpResponse<byte[]>> answer) {
        try {
            HttpResponse<byte[]> response = answer.join();
            JsonNode body = mapper.readTree(response.body());
            return response.statusCode() == 200 && body instanceof ObjectNode node ? node : null;
        } catch (IOException | RuntimeException e) {
            return null; // Who does not answer is named in what the page shows.
        }
    }

    private HttpRequest request(HostInfo host, String path) {
        var request = HttpRequest.newBuilder(URI.create("http://" + name(host) + path))
                .timeout(PATIENCE);
        if (tokenOrNull != null) {
            request.header("Authorization", "Bearer " + tokenOrNull);
        }
        return request.build();
    }

    private static String name(HostInfo host) {
        return host.host() + ":" + host.port();
    }

    private KafkaStreams running() {
        KafkaStreams running = streams.get();
        if (running == null) {
            throw new NotNow("the detector has not begun");
        }
        return running;
    }
}
