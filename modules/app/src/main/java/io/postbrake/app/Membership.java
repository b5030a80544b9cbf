package io.postbrake.app;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.streams.KafkaStreams;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The place of this instance in its group: taken again at once after a restart, by no two, and soon by another if it stays away. */
final class Membership implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
    private static final String LEAST_SESSION = "group.min.session.timeout.ms";

    private final DetectorConfig config;
    private final Map<String, Object> client;
    private final DeadTransactions dead;

    /** Over admin clients with these settings. */
    Membership(DetectorConfig config, Map<String, Object> client) {
        this.config = config;
        this.client = client;
        this.dead = new DeadTransactions(client, config.applicationId());
    }

    /** Takes the shortest time-outs that brokers allow, where they would do good; what they do not tell stays as it is. */
    void settle(Properties settings) throws InterruptedException {
        if (!StreamsSettings.wantsShorterSessions(config.kafka())) {
            return;
        }
        try (Admin admin = Admin.create(client)) {
            String node = admin.describeCluster().controller().get().idString();
            var broker = new ConfigResource(ConfigResource.Type.BROKER, node);
            ConfigEntry least = admin.describeConfigs(List.of(broker))
                    .all()
                    .get()
                    .get(broker)
                    .get(LEAST_SESSION);
            if (least != null && least.value() != null) {
                StreamsSettings.takeOver(settings, Integer.parseInt(least.value()));
            }
        } catch (ExecutionException | NumberFormatException e) {
            LOG.info(
                    "Brokers do not tell {}, so the least that they take as they come is taken: {}",
                    LEAST_SESSION,
                    e.getMessage());
        }
    }

    /**
     * Returns once no other instance has this one's id.
     *
     * @throws IllegalArgumentException when there is one, and it is alive
     */
    void awaitPlace(KafkaStreams made, int sessionMs) throws InterruptedException {
        String id = InstanceId.of(config.kafka());
        if (id == null) {
            return;
        }
        try (Admin admin = Admin.create(client)) {
            new Twin(admin, config.applicationId(), id, ownClient(made)).awaitNone(Duration.ofMillis(sessionMs));
        }
    }

    /** By default the name of a client holds the id of the process, which lies in the directory of the state. */
    private String ownClient(KafkaStreams made) {
        if (config.kafka().containsKey(CommonClientConfigs.CLIENT_ID_CONFIG) || !config.keepsState()) {
            return null;
        }
        return made.metadataForLocalThreads().stream()
                .findFirst()
                .map(thread -> thread.threadName().replaceFirst("StreamThread-\\d+$", ""))
                .orElse(null);
    }

    /** Looks after what dead instances left open, as long as partitions are {@code changing} hands. */
    void takesOver(BooleanSupplier changing) {
        dead.endWhile(changing);
    }

    /** Whether a thread failed because another instance took its id. */
    static boolean isPushedOut(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof FencedInstanceIdException) {
                return true;
            }
        }
        return false;
    }

    /** What to say of that. */
    String pushedOut() {
        return "instance.id is '" + InstanceId.of(config.kafka()) + "', which another detector of "
                + config.applicationId() + " that began later has, too: give each its own";
    }

    @Override
    public void close() {
        dead.close();
    }
}
