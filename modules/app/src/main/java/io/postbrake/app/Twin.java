package io.postbrake.app;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InvalidGroupIdException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another instance of the same id. Kafka lets whoever comes last push out the one before, so that two would push each other
 * out for ever; here the second one does not start. A member of the id that is dead goes within its session, so one that stays
 * for longer is alive.
 */
final class Twin {

    private static final Logger LOG = LoggerFactory.getLogger(Twin.class);
    private static final Duration SPARE = Duration.ofSeconds(2);
    private static final long PAUSE_MS = 200;

    private final Admin admin;
    private final String group;
    private final String id;
    private final String ownClient;

    /**
     * Looks for members with {@code id} in {@code group}.
     *
     * @param ownClient what names of this instance's clients begin with. Whoever has the lock of the state's directory has the
     *     name, so a member of that name is this instance of before. Null when the name tells nothing
     */
    Twin(Admin admin, String group, String id, String ownClient) {
        this.admin = admin;
        this.group = group;
        this.id = id;
        this.ownClient = ownClient;
    }

    /**
     * Returns once there is none.
     *
     * @param session how long brokers wait for a silent member
     * @throws IllegalArgumentException when there is one, and it is alive
     */
    void awaitNone(Duration session) throws InterruptedException {
        long end = System.nanoTime() + session.plus(SPARE).toNanos();
        boolean told = false;
        Optional<MemberDescription> other = find();
        while (other.isPresent()) {
            if (System.nanoTime() > end) {
                throw new IllegalArgumentException("instance.id is '" + id + "', which another detector of " + group
                        + " has that is alive, on " + other.get().host() + ": give each its own");
            }
            if (!told) {
                told = true;
                LOG.warn(
                        "Another member of {} has the id {}, on {}; waiting up to {} ms for it to be gone",
                        group,
                        id,
                        other.get().host(),
                        session.plus(SPARE).toMillis());
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
            other = find();
        }
    }

    private Optional<MemberDescription> find() throws InterruptedException {
        try {
            return admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get().members().stream()
                    .filter(member ->
                            member.groupInstanceId().filter(this::isOurs).isPresent())
                    .filter(member -> ownClient == null || !member.clientId().startsWith(ownClient))
                    .findFirst();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof GroupIdNotFoundException)
                    && !(e.getCause() instanceof InvalidGroupIdException)) {
                // Kafka itself still keeps each partition to one of them.
                LOG.warn(
                        "Whether another detector has the id {} is not known: {}",
                        id,
                        e.getCause().getMessage());
            }
            return Optional.empty();
        }
    }

    /** Streams puts the number of the thread behind the id. */
    private boolean isOurs(String memberId) {
        return memberId.startsWith(id + "-")
                && memberId.substring(id.length() + 1).matches("\\d{1,4}");
    }
}
