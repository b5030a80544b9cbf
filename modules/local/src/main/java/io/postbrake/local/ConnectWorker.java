package io.postbrake.local;

import io.postbrake.wire.PostbrakeConverter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.connect.cli.ConnectStandalone;
import org.apache.kafka.connect.runtime.Connect;
import org.apache.kafka.connect.runtime.standalone.StandaloneHerder;
import org.apache.kafka.connect.storage.StringConverter;

/** A standalone Connect worker in this JVM, its REST interface on loopback. */
final class ConnectWorker implements AutoCloseable {

    private final Connect<StandaloneHerder> connect;

    ConnectWorker(String bootstrapServers, String registryUrl, Path offsets) {
        Map<String, String> worker = new HashMap<>();
        worker.put("bootstrap.servers", bootstrapServers);
        worker.put("listeners", "http://127.0.0.1:0");
        worker.put("plugin.discovery", "service_load");
        worker.put("offset.storage.file.filename", offsets.toString());
        worker.put("offset.flush.interval.ms", "1000");
        worker.put("key.converter", StringConverter.class.getName());
        worker.put("value.converter", PostbrakeConverter.class.getName());
        worker.put("value.converter.schema.registry.url", registryUrl);
        worker.put("producer.linger.ms", "0");
        worker.put("consumer.fetch.min.bytes", "1");
        connect = new ConnectStandalone().startConnect(worker);
    }

    /** Runs a connector; an invalid configuration fails here. */
    void run(Map<String, String> connector) {
        var done = new CompletableFuture<Void>();
        connect.herder().putConnectorConfig(connector.get("name"), connector, true, (error, created) -> {
            if (error == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(error);
            }
        });
        try {
            done.get(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting " + connector.get("name"), e);
        } catch (ExecutionException e) {
            throw new IllegalArgumentException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException(connector.get("name") + " did not start within 30 s", e);
        }
    }

    @Override
    public void close() {
        connect.stop();
        connect.awaitStop();
    }
}
