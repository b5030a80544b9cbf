package io.postbrake.app;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what instances left open that are no longer in the group. Whoever takes over their partitions has to wait for it, and
 * brokers as they come look for transactions that are too old only every ten seconds.
 */
final class DeadTransactions {

    private static final Logger LOG = LoggerFactory.getLogger(DeadTransactions.class);
    private static final long PAUSE_MS = 500;

    private final Map<String, Object> client;
    private final String group;
    private final Pattern transactionalId;
    private final Pattern clientId;
    private volatile Thread running;

    /** Of {@code applicationId}, over an admin client with these settings. */
    DeadTransactions(Map<String, Object> client, String applicationId) {
        this.client = client;
        this.group = applicationId;
        String process = Pattern.quote(applicationId) + "-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-";
        this.transactionalId = Pattern.compile(process + "\\d+");
        this.clientId = Pattern.compile(process + "StreamThread-\\d+-consumer");
    }

    /** Looks after them, in the background, for as long as partitions are {@code changing} hands. */
    synchronized void endWhile(BooleanSupplier changing) {
        if (running != null) {
            return;
        }
        running = new Thread(() -> run(changing), "dead-transactions");
        running.setDaemon(true);
        running.start();
    }

    private void run(BooleanSupplier changing) {
        try (Admin admin = Admin.create(client)) {
            while (changing.getAsBoolean()) {
                end(admin);
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | KafkaException e) {
            // They end by their own time-out, later.
            LOG.warn("Transactions of dead instances cannot be ended: {}", e.getMessage());
        } finally {
            synchronized (this) {
                running = null;
            }
        }
    }

    private void end(Admin admin) throws ExecutionException, InterruptedException {
        Set<String> open = new HashSet<>();
        var options = new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING));
        for (TransactionListing each : admin.listTransactions(options).all().get()) {
            open.add(each.transactionalId());
        }
        open.removeIf(id -> !transactionalId.matcher(id).matches());
        if (open.isEmpty()) {
            return;
        }
        // Asked for afterwards: who has a transaction is in the group already, unless the group gave it up.
        Set<String> alive = new HashSet<>();
        for (MemberDescription member : admin.describeConsumerGroups(List.of(group))
                .describedGroups()
                .get(group)
                .get()
                .members()) {
            Matcher name = clientId.matcher(member.clientId());
            if (!name.matches()) {
                return; // Names that somebody chose tell nothing about processes.
            }
            alive.add(name.group(1));
        }
        open.removeIf(id -> alive.contains(process(id)));
        if (!open.isEmpty()) {
            LOG.info("Ending what dead instances left open: {}", open);
            admin.fenceProducers(open).all().get();
        }
    }

    private String process(String id) {
        Matcher parts = transactionalId.matcher(id);
        return parts.matches() ? parts.group(1) : "";
    }

    /** Looks no more. */
    synchronized void close() {
        if (running != null) {
            running.interrupt();
        }
    }
}
