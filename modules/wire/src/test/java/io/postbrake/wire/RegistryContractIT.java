package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.postbrake.embedded.EmbeddedRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryContractIT extends RegistryContract {
    @TempDir
    Path dir;

    private EmbeddedRegistry server;
    private ConfluentSchemaRegistry client;

    @BeforeEach
    void start() {
        server = EmbeddedRegistry.start(dir.resolve("schemas.json"), 0);
        client = ConfluentSchemaRegistry.connect(server.url(), Map.of());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
    }

    @Override
    SchemaRegistry registry() {
        return client;
    }

    @Test
    void knowsAfterARestartWhatItKnewBefore() throws Exception {
        // Given
        Map<String, Integer> ids = new SchemaAdmin(client).register();
        stop();
        // When
        start();
        // Then
        assertThat(new SchemaAdmin(client).check()).isEmpty();
        assertThat(Topics.all())
                .allSatisfy(topic ->
                        assertThat(client.schemaById(ids.get(topic.subject()))).isEqualTo(topic.schema()));
        assertThat(client.isCompatible(Topics.BLOCKS.subject(), Evolution.withRequiredField(Topics.BLOCKS.schema())))
                .isFalse();
    }

    @Test
    void waitsForARegistryThatIsAway() throws Exception {
        // Given
        int id = client.register("s-value", Topics.BLOCKS.schema());
        int port = URI.create(server.url()).getPort();
        server.close();
        ConfluentSchemaRegistry fresh = ConfluentSchemaRegistry.connect(server.url(), Map.of());
        // When
        CompletableFuture<Integer> answer =
                CompletableFuture.supplyAsync(() -> fresh.idOf("s-value", Topics.BLOCKS.schema()));
        while (fresh.retries() < 2) {
            Thread.sleep(20);
        }
        boolean early = answer.isDone();
        server = EmbeddedRegistry.start(dir.resolve("schemas.json"), port);
        // Then
        assertThat(early).isFalse();
        assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(id);
        fresh.close();
    }
}
