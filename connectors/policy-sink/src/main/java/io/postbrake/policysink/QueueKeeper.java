package io.postbrake.policysink;

import io.postbrake.event.MailEvent;
import io.postbrake.subject.Logins;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the mail of blocked accounts that already waits on this host, and releases or deletes it when an operator says
 * so. Works in the background: the block itself never waits for it.
 */
final class QueueKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(QueueKeeper.class);
    /** A message that was accepted before the block is written may be logged, or be whole, after it. */
    private static final long[] AGAIN_AFTER_MS = {0, 1_000, 5_000, 30_000};

    private static final long LAST = AGAIN_AFTER_MS[AGAIN_AFTER_MS.length - 1];

    private static final String RELAY_SENDER = "relay_sender";
    /** A Postfix that runs for the first time makes its queue. */
    private static final long LOOK_AGAIN_MS = 60_000;

    private static final int MOST_SESSIONS = 10_000;
    /** Accounts that are looked at one by one; when more are blocked within half a minute, all are looked at together. */
    private static final int MOST_ALONE = 1000;

    private final List<MailQueue> queues;
    private final QueueIndex index;
    private final HeldMail held;
    private final Predicate<String> blocked;
    private final Clock clock;
    private final Told told;
    private final ScheduledExecutorService worker;
    private final RelayedMail relayed = new RelayedMail();
    /** Sessions whose next message Postfix puts on hold because a table says so, and who relays it; empty for an account. */
    private final Map<String, String> holding = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MOST_SESSIONS;
        }
    };

    private final AtomicInteger alone = new AtomicInteger();
    private final AtomicBoolean together = new AtomicBoolean();
    private volatile String state = "starting";

    /** Hears of an account's waiting mail. */
    interface Told {
        void queue(String account, List<HeldMail.Held> held, HeldMail.Counts counts);
    }

    /** @param blocked whether the host's table has an account */
    QueueKeeper(
            List<MailQueue> queues,
            QueueIndex index,
            HeldMail held,
            Predicate<String> blocked,
            Clock clock,
            Told told) {
        this.queues = List.copyOf(queues);
        this.index = index;
        this.held = held;
        this.blocked = blocked;
        this.clock = clock;
        this.told = told;
        worker = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "postbrake-queue");
            thread.setDaemon(true);
            return thread;
        });
        later(0, this::start);
    }

    private void start() {
        List<String> reasons = new ArrayList<>();
        for (MailQueue queue : queues) {
            queue.off().ifPresent(reason -> reasons.add(queue + ": " + reason));
        }
        String before = state;
        if (queues.isEmpty()) {
            state = "off: no log or no Postfix instance of this host is configured";
            LOG.info("waiting mail of blocked accounts is not held here, {}", state);
            return;
        }
        state = reasons.isEmpty() ? "on" : "off: " + String.join("; ", reasons);
        if (!reasons.isEmpty()) {
            later(LOOK_AGAIN_MS, this::start);
        }
        if (!state.equals(before)) {
            if (reasons.isEmpty()) {
                LOG.info("waiting mail of blocked accounts is held here");
                allInForce();
            } else {
                LOG.warn("waiting mail of blocked accounts is not held here, {}", state);
            }
        }
    }

    /** {@code on}, or why it is off. */
    String state() {
        return state;
    }

    /** The account's block is in the table: holds what waits, now and again for what was under way. */
    void inForce(String account) {
        if (state.startsWith("off")) {
            return;
        }
        if (alone.incrementAndGet() > MOST_ALONE) {
            alone.decrementAndGet();
            if (together.compareAndSet(false, true)) {
                allInForce();
            }
            return;
        }
        for (long after : AGAIN_AFTER_MS) {
            later(after, () -> {
                if (after == LAST) {
                    alone.decrementAndGet();
                }
                hold(account, index.of(account));
            });
        }
    }

    /** Holds what waits of all accounts that are in the table. */
    void allInForce() {
        for (long after : AGAIN_AFTER_MS) {
            later(after, () -> {
                if (after == LAST) {
                    together.set(false); // Whoever is blocked from now on is looked at anew.
                }
                for (String account : index.accounts()) {
                    hold(account, index.of(account));
                }
            });
        }
    }

    /** An operator decided about the account's held messages, all that were held by then. */
    void decided(String account, String verb, Instant at) {
        later(0, () -> decide(account, verb.equals("delete"), at));
    }

    /** One event of the host's log. */
    void logged(MailEvent event) {
        String id = event.getQueueId();
        if (id == null) {
            if (event.getKind().equals("held") && event.getBlockRef() != null) {
                boolean sender = RELAY_SENDER.equals(event.getBlockSubjectType());
                String owner = sender ? RelayedMail.owner(event.getClientIp(), event.getFrom()) : null;
                holding.put(process(event), owner == null ? "" : owner); // Its id comes with the next line.
            }
            return;
        }
        if (RelayedMail.handsBack(event)) {
            handedBack(event.getNextQueueId());
        }
        switch (event.getKind()) {
            case "client" -> began(event, id);
            case "queued" -> {
                String owner = index.account(id) == null ? relayed.owner(event) : null;
                if (owner != null) {
                    index.began(id, owner);
                }
                String account = index.account(id);
                if (account != null && blocked.test(account) && !held.isReleased(id)) {
                    long settles = RelaySenders.isOwner(account) ? RelayedMail.SETTLES_AFTER_MS + 500 : 0;
                    later(settles, () -> hold(account, List.of(id)));
                }
            }
            case "held" -> {
                if (event.getBlockRef() != null) {
                    heldByMap(event, id);
                }
            }
            case "removed" -> {
                index.ended(id);
                relayed.forget(id);
                later(0, () -> gone(id, event.getOccurredAt()));
            }
            default -> {}
        }
    }

    private void began(MailEvent event, String id) {
        String onHold = holding.remove(process(event));
        if (event.getSaslUsername() != null) {
            index.began(id, Logins.fold(event.getSaslUsername()));
        } else {
            index.ended(id);
            relayed.began(event);
            if (onHold != null && !onHold.isEmpty()) {
                index.began(id, onHold);
            }
        }
        if (onHold != null) {
            heldByMap(event, id);
        }
    }

    /** A content filter gave it back under another id: it is whose it was before. */
    private void handedBack(String id) {
        relayed.forget(id);
        String account = index.account(id);
        if (account != null && RelaySenders.isOwner(account)) {
            index.ended(id);
        }
    }

    private static String process(MailEvent event) {
        return event.getSyslogName() + "[" + event.getPid() + "]";
    }

    /** The table's own HOLD put it there. */
    private void heldByMap(MailEvent event, String id) {
        String account = index.account(id);
        if (account != null && !held.isReleased(id)) {
            later(0, () -> {
                held.held(id, account, event.getOccurredAt());
                tell(account);
            });
        }
    }

    private void hold(String account, List<String> ids) throws IOException {
        List<String> candidates = ids.stream()
                .filter(id -> !held.isHeld(id) && !held.isReleased(id))
                .filter(id -> !RelaySenders.isOwner(account)
                        || (account.equals(index.account(id)) && relayed.settled(id, clock.instant())))
                .toList();
        if (candidates.isEmpty() || !state.equals("on") || !blocked.test(account)) {
            return;
        }
        int all = 0;
        for (MailQueue queue : queues) {
            List<String> own = owned(queue, candidates, account, false);
            for (String id : own) {
                held.held(id, account, clock.instant());
            }
            queue.hold(own);
            Map<String, MailQueue.Waiting> now = queue.look(own);
            for (String id : own) {
                if (now.containsKey(id) && now.get(id).queue().equals("hold")) {
                    all++;
                } else {
                    held.gone(id, clock.instant()); // Delivered meanwhile, or not whole yet.
                }
            }
        }
        if (all > 0) {
            LOG.info("{} waiting messages of a blocked account are held", all);
            tell(account);
        }
    }

    private void decide(String account, boolean delete, Instant at) throws IOException {
        if (!state.equals("on")) {
            return;
        }
        Map<String, HeldMail.Held> ours = new LinkedHashMap<>();
        held.of(account).stream().filter(h -> !h.at().isAfter(at)).forEach(h -> ours.put(h.id(), h));
        if (ours.isEmpty()) {
            return;
        }
        int all = 0;
        Set<String> nowhere = new LinkedHashSet<>(ours.keySet());
        for (MailQueue queue : queues) {
            List<String> own = owned(queue, ours.keySet(), account, true);
            nowhere.removeAll(own);
            if (delete) {
                queue.delete(own);
            } else {
                queue.release(own);
            }
            Map<String, MailQueue.Waiting> still = queue.look(own);
            for (String id : own) {
                if (still.containsKey(id) && still.get(id).queue().equals("hold")) {
                    continue;
                }
                all++;
                if (delete) {
                    held.deleted(id, account, clock.instant());
                } else {
                    held.released(id, account, clock.instant());
                }
            }
        }
        // Never whole, or taken away by somebody else.
        nowhere.forEach(id -> held.gone(id, clock.instant()));
        LOG.info("{} held messages were {} by an operator's word", all, delete ? "deleted" : "released");
        tell(account);
    }

    /** Ids that are the account's own messages now. Short ids are used again, so the message itself is asked. */
    private static List<String> owned(MailQueue queue, Iterable<String> ids, String account, boolean onHold)
            throws IOException {
        List<String> asked = new ArrayList<>();
        ids.forEach(asked::add);
        Map<String, MailQueue.Waiting> there = queue.look(asked);
        return asked.stream()
                .filter(id -> {
                    MailQueue.Waiting w = there.get(id);
                    // One that waits on hold already was put there by somebody else.
                    return w != null && account.equals(w.account()) && w.queue().equals("hold") == onHold;
                })
                .toList();
    }

    private void gone(String id, Instant at) {
        Optional<String> account = held.account(id);
        held.gone(id, at);
        if (account.isPresent() && !held.isHeld(id)) {
            tell(account.get());
        }
    }

    private void tell(String account) {
        told.queue(account, held.of(account), held.counts(account));
    }

    private interface Work {
        void run() throws IOException;
    }

    private void later(long millis, Work work) {
        try {
            var unused = worker.schedule(
                    () -> {
                        try {
                            work.run();
                        } catch (IOException | RuntimeException e) {
                            LOG.error("the mail queue: {}", e.getMessage());
                        }
                    },
                    millis,
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("stopped", e);
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
