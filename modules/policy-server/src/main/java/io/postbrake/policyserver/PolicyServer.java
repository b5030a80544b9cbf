package io.postbrake.policyserver;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers Postfix whether a message or recipient is within its ceilings. It needs nobody: neither broker nor network, and of
 * the disk only that its counts outlive it.
 */
public final class PolicyServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PolicyServer.class);

    /** Of one subject it is told at most so often that it is beyond its ceiling. */
    private static final long TOLD_MS = TimeUnit.MINUTES.toMillis(1);

    private static final int MOST_TOLD = 10_000;

    private final PolicyServerConfig config;
    private final PolicyMetrics metrics = new PolicyMetrics();
    private final ConcurrentHashMap<String, Long> told = new ConcurrentHashMap<>();
    private final SteadyTime time;
    private final Quotas quotas;
    private final Keeper keeper;
    private final PolicyListener listener;
    private final PolicyBean bean;
    private volatile @Nullable String alone;

    private PolicyServer(PolicyServerConfig config, Path stateDir) throws IOException {
        this.config = config;
        Files.createDirectories(
                stateDir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        ServerSocketChannel socket = PolicySocket.bind(config.listen(), config.group());
        try {
            var restored = Keeper.restore(stateDir, config.rules());
            quotas = restored.quotas();
            time = restored.time();
            keeper = restored.start();
            listener =
                    PolicyListener.start(socket, PolicyListener.Bounds.USUAL, this::answer, config.fallback(), metrics);
            bean = PolicyBean.show(this);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
        LOG.info("Answering Postfix at {}", where());
    }

    /**
     * Starts it.
     *
     * @param stateDir where its counts are kept; made when it is missing
     * @throws IllegalArgumentException naming key, value and what would be right, when it cannot listen where it is to
     */
    public static PolicyServer start(PolicyServerConfig config, Path stateDir) throws IOException {
        return new PolicyServer(config, stateDir);
    }

    private String answer(PolicyRequest request) {
        long now = time.now();
        Quotas.Over over = quotas.ask(request, now);
        if (over == null) {
            return Answer.PASS;
        }
        metrics.over.increment();
        tell(over, request, now);
        return config.answer();
    }

    /** What a subject is called was chosen by whoever logs in or sends. */
    private void tell(Quotas.Over over, PolicyRequest request, long now) {
        if (told.size() >= MOST_TOLD) {
            told.values().removeIf(at -> now - at >= TOLD_MS);
        }
        Long last = told.get(over.subject());
        if ((last == null && told.size() < MOST_TOLD) || (last != null && now - last >= TOLD_MS)) {
            told.put(over.subject(), now);
            LOG.info(
                    "{} is beyond {} ({} counted), from {}: {}",
                    PolicyRequest.shown(over.subject()),
                    over.limit().said(),
                    over.count(),
                    PolicyRequest.shown(request.client()),
                    config.answer());
        }
    }

    /** Where Postfix asks, as its configuration names it outside of a chroot. */
    public String where() throws IOException {
        if (listener.address() instanceof UnixDomainSocketAddress unix) {
            return "unix:" + unix.getPath();
        }
        var inet = (InetSocketAddress) listener.address();
        return "inet:" + inet.getAddress().getHostAddress() + ":" + inet.getPort();
    }

    /** What is wrong, one sentence each; empty when all is well. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        String kept = keeper.problem();
        if (kept != null) {
            problems.add(kept);
        }
        String ended = listener.problem();
        if (ended != null) {
            problems.add(ended);
        }
        if (quotas.isFull()) {
            problems.add(
                    "quotas: more clients, networks and senders than fit in a quarter of the heap: new ones are not"
                            + " counted, logins are; give more heap (JAVA_OPTS=-Xmx...) or shorter times");
        }
        String apart = alone;
        if (apart != null) {
            problems.add(apart);
        }
        return problems;
    }

    /**
     * Subjects whose counts changed since this was asked last; the first time all that there are.
     *
     * @param millis how long to wait for the first of them
     */
    public Set<String> changed(long millis) throws InterruptedException {
        quotas.changes().begin(quotas.tallies().keySet());
        return quotas.changes().take(millis);
    }

    /** These were not told to others after all. */
    public void changedStill(Collection<String> subjects) {
        subjects.forEach(quotas.changes()::add);
    }

    /** What was counted here of a subject, in the clock's time; empty when nothing counts. */
    public List<CountedBucket> counted(String subject) {
        Tally tally = quotas.tallies().get(subject);
        return tally == null || tally.isOver(time.now())
                ? List.of()
                : moved(tally.kept().buckets(), System.currentTimeMillis() - time.now());
    }

    /**
     * Another host says what it counted of a subject, in place of what it said before.
     *
     * @param buckets in the clock's time; empty when nothing counts there any more
     */
    public void countedElsewhere(String host, String subject, List<CountedBucket> buckets) {
        // Into the middle of each bucket: a moment more or less must not make it the one before, which ends sooner.
        long by = time.now() - System.currentTimeMillis();
        quotas.elsewhere(
                host,
                subject,
                buckets.stream()
                        .map(b -> new CountedBucket(
                                b.window(),
                                b.at() + by + b.window() / SlidingCount.BUCKETS / 2,
                                b.messages(),
                                b.recipients()))
                        .toList());
    }

    private static List<CountedBucket> moved(List<CountedBucket> buckets, long by) {
        return buckets.stream()
                .map(b -> new CountedBucket(b.window(), b.at() + by, b.messages(), b.recipients()))
                .toList();
    }

    /** Says that other hosts are not heard, and since when nothing is told to them; null that they are. */
    public void alone(@Nullable String why) {
        if (why != null && alone == null) {
            LOG.warn("{}", why);
        } else if (why == null && alone != null) {
            LOG.info("Counting together with the other hosts again");
        }
        alone = why;
    }

    /** Whether the settings ask for counting together with other hosts. */
    public boolean isShared() {
        return config.fleet();
    }

    boolean isAlone() {
        return alone != null;
    }

    /** Of how many subjects other hosts counted something. */
    public int subjectsElsewhere() {
        return quotas.elsewhere().size();
    }

    PolicyMetrics metrics() {
        return metrics;
    }

    int subjects() {
        return quotas.subjects();
    }

    @Override
    public void close() {
        bean.close();
        // While it still listens: afterwards the path may be that of the next process.
        if (config.listen() instanceof UnixDomainSocketAddress unix) {
            try {
                Files.deleteIfExists(unix.getPath());
            } catch (IOException e) {
                LOG.debug("{} stays: {}", unix, e.getMessage());
            }
        }
        listener.close();
        keeper.close();
    }
}
