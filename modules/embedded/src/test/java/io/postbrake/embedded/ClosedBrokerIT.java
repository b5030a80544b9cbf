package io.postbrake.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker, its controller and a registry that are closed to the other users of their machine. */
class ClosedBrokerIT {

    private static final String TOPIC = "letters";

    @TempDir
    Path dir;

    @Test
    void takesWhoHasTheLoginAlsoOnDataThatWasMadeOpen() throws Exception {
        // Given
        Login login = Login.keep(dir.resolve("secret"));
        try (EmbeddedBroker open = EmbeddedBroker.start(dir.resolve("broker"), 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", open.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        }
        // When: a transaction, whose markers the broker sends to itself
        try (EmbeddedBroker closed = EmbeddedBroker.start(dir.resolve("broker"), 0, login)) {
            Map<String, Object> client = client(closed.bootstrapServers(), login.clientSettings());
            sendInTransaction(client);
            // Then
            try (Admin admin = Admin.create(client)) {
                assertThat(admin.listTopics().names().get()).contains(TOPIC);
            }
        }
    }

    @Test
    void refusesWhoHasNoLoginOrAWrongOne() throws Exception {
        // Given
        Login login = Login.keep(dir.resolve("secret"));
        Login other = Login.keep(dir.resolve("other"));
        try (EmbeddedBroker closed = EmbeddedBroker.start(dir.resolve("broker"), 0, login)) {
            for (String address : List.of(closed.bootstrapServers(), closed.controllerAddress())) {
                // When, Then
                assertThatThrownBy(() -> topics(client(address, other.clientSettings()), address, closed))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(SaslAuthenticationException.class);
                assertThatThrownBy(() -> topics(client(address, Map.of()), address, closed))
                        .isInstanceOf(ExecutionException.class);
            }
        }
    }

    @Test
    void theSecretIsTheOwnersAloneAndStays() throws Exception {
        // Given
        Path file = dir.resolve("secret");
        Login first = Login.keep(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        // When
        Login second = Login.keep(file);
        // Then
        assertThat(second).isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(first.toString()).doesNotContain(first.secret());
        assertThat(Files.list(dir)).containsExactly(file);
    }

    @Test
    void saysWhichFileHoldsNoSecret() throws Exception {
        // Given
        Path file = Files.writeString(dir.resolve("secret"), "hunter2\n");
        // When, Then
        assertThatThrownBy(() -> Login.keep(file))
                .hasMessageContaining(file.toString())
                .hasMessageNotContaining("hunter2");
    }

    private static Set<String> topics(Map<String, Object> client, String address, EmbeddedBroker closed)
            throws Exception {
        Map<String, Object> settings = new HashMap<>(client);
        if (address.equals(closed.controllerAddress())) {
            settings.remove("bootstrap.servers");
            settings.put("bootstrap.controllers", address);
        }
        try (Admin admin = Admin.create(settings)) {
            return address.equals(closed.controllerAddress())
                    ? Set.of(admin.describeCluster().clusterId().get())
                    : admin.listTopics().names().get();
        }
    }

    private static void sendInTransaction(Map<String, Object> client) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put("transactional.id", "test");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(TOPIC, "key", "text"));
            producer.commitTransaction();
        }
    }

    private static Map<String, Object> client(String address, Map<String, String> security) {
        Map<String, Object> settings = new HashMap<>(security);
        settings.put("bootstrap.servers", address);
        settings.put("request.timeout.ms", "3000");
        settings.put("default.api.timeout.ms", "5000");
        return settings;
    }
}
