package io.postbrake.policyserver;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes questions of Postfix and answers them, all in one thread that never waits for anybody: a client that is slow, stops in
 * the middle, asks without end or does not read its answers costs its own connection, and those that ask too much at once
 * are told the fallback.
 */
final class PolicyListener implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PolicyListener.class);
    private static final int READ = 1 << 14;

    /** So many of a round are judged however late it is: a process that was not let run for a moment has no overload. */
    private static final int ALWAYS_JUDGED = 4;

    private final ServerSocketChannel server;
    private final Selector selector;
    private final Bounds bounds;
    private final Function<PolicyRequest, String> answers;
    private final byte[] fallback;
    private final PolicyMetrics metrics;
    private final ByteBuffer input = ByteBuffer.allocateDirect(READ);
    private final Thread thread;
    private volatile boolean closing;
    private volatile @Nullable String ended;
    private long shedAt;
    private int judged;
    private long swept;
    private long complained;

    /**
     * What one client may cost the others.
     *
     * @param connections most that are open at once; beyond, the one that asked least lately is closed
     * @param within how long an answer may take; what would take longer is told the fallback
     * @param slowest how long a question may take to arrive, and its answer to be read
     * @param idle after how long without a question a connection is closed; longer than Postfix keeps one (1,000 s)
     */
    record Bounds(int connections, Duration within, Duration slowest, Duration idle) {
        static final Bounds USUAL =
                new Bounds(1000, Duration.ofMillis(50), Duration.ofSeconds(10), Duration.ofSeconds(1200));
    }

    private PolicyListener(
            ServerSocketChannel server,
            Bounds bounds,
            Function<PolicyRequest, String> answers,
            String fallback,
            PolicyMetrics metrics)
            throws IOException {
        this.server = server;
        this.bounds = bounds;
        this.answers = answers;
        this.fallback = Answer.bytes(fallback);
        this.metrics = metrics;
        selector = Selector.open();
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        thread = new Thread(this::run, "policy-server");
        thread.setDaemon(true);
    }

    /**
     * Begins to answer on a socket that is bound.
     *
     * @param answers the action for a question, see access(5); asked by one thread, and must not wait
     * @param fallback the action for what cannot be answered in time, or is no question
     */
    static PolicyListener start(
            ServerSocketChannel server,
            Bounds bounds,
            Function<PolicyRequest, String> answers,
            String fallback,
            PolicyMetrics metrics)
            throws IOException {
        var listener = new PolicyListener(server, bounds, answers, fallback, metrics);
        listener.thread.start();
        return listener;
    }

    /** Why nobody is answered any more; null while all are. */
    @Nullable
    String problem() {
        return ended;
    }

    SocketAddress address() throws IOException {
        return server.getLocalAddress();
    }

    private void run() {
        try {
            while (!closing) {
                selector.select(this::ready, 1000);
                sweep();
            }
        } catch (IOException | RuntimeException | Error e) {
            ended = "the policy server ended, and Postfix does as its default_action says; start it again: " + e;
            LOG.error("The policy server ends, Postfix now does as its default_action says", e);
        } finally {
            closeAll(); // So that nobody waits for an answer that does not come.
        }
    }

    private void ready(SelectionKey key) {
        long now = System.nanoTime();
        if (shedAt == 0) {
            // Half of it may have gone by while the round before was at work.
            shedAt = now + bounds.within().toNanos() / 2;
        }
        if (!key.isValid()) {
            return;
        }
        if (key.isAcceptable()) {
            accept();
            return;
        }
        var client = (Client) key.attachment();
        try {
            if (key.isWritable()) {
                client.write();
            }
            if (key.isValid() && key.isReadable()) {
                client.read(now);
            }
        } catch (IOException e) {
            client.close(); // It hung up.
        }
    }

    private void accept() {
        try {
            @Nullable SocketChannel channel = server.accept();
            if (channel == null) {
                return;
            }
            channel.configureBlocking(false);
            if (metrics.connections.get() >= bounds.connections()) {
                dropOne();
            }
            var client = new Client(channel);
            client.key = channel.register(selector, SelectionKey.OP_READ, client);
            metrics.connections.incrementAndGet();
        } catch (IOException e) {
            complain("Cannot take a connection: " + e.getMessage());
            dropOne();
        }
    }

    /** Closes the connection that is missed least: one that never asked, or else asked longest ago. */
    private void dropOne() {
        Client least = null;
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Client client && key.isValid() && (least == null || client.isLess(least))) {
                least = client;
            }
        }
        if (least != null) {
            metrics.dropped.increment();
            least.close();
            complain("More than " + bounds.connections()
                    + " connections at once: the one that asked least lately is closed");
        }
    }

    private void sweep() {
        shedAt = 0;
        judged = 0;
        long now = System.nanoTime();
        if (now - swept < TimeUnit.SECONDS.toNanos(1)) {
            return;
        }
        swept = now;
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Client client && key.isValid() && client.isLate(now)) {
                metrics.dropped.increment();
                client.close();
            }
        }
    }

    private void complain(String about) {
        long now = System.nanoTime();
        if (complained == 0 || now - complained > TimeUnit.MINUTES.toNanos(1)) {
            complained = now;
            LOG.warn("{}", about);
        }
    }

    private void closeAll() {
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Client client) {
                client.close();
            }
        }
        try {
            server.close();
            selector.close();
        } catch (IOException e) {
            LOG.debug("Closing: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One connection: questions one after the other, each answered before the next is looked at. */
    private final class Client {
        private final SocketChannel channel;
        private final RequestReader reader = new RequestReader();
        private @Nullable SelectionKey key;
        private ByteBuffer unread = ByteBuffer.allocate(0);
        private long active = System.nanoTime();
        private long began = active;
        private boolean asked;
        private boolean closed;

        private Client(SocketChannel channel) {
            this.channel = channel;
        }

        void read(long now) throws IOException {
            input.clear();
            if (channel.read(input) < 0) {
                close();
                return;
            }
            input.flip();
            if (!reader.within()) {
                began = now;
            }
            while (input.hasRemaining() && !closed) {
                RequestReader.Read read = reader.read(input);
                if (read == RequestReader.Read.MORE) {
                    break;
                }
                if (read == RequestReader.Read.ENDLESS) {
                    metrics.broken.increment();
                    metrics.dropped.increment();
                    close();
                    return;
                }
                answer(read == RequestReader.Read.WHOLE);
                active = began = now;
                asked = true;
            }
            if (unread.position() > 0) {
                unread.flip();
                write();
            }
        }

        private void answer(boolean whole) {
            metrics.questions.increment();
            if (!whole) {
                metrics.broken.increment();
                reader.forget();
                say(fallback);
                return;
            }
            PolicyRequest request = reader.take();
            if (judged++ >= ALWAYS_JUDGED && System.nanoTime() > shedAt) {
                metrics.shed.increment();
                say(fallback);
                return;
            }
            try {
                say(Answer.bytes(answers.apply(request)));
            } catch (RuntimeException e) {
                metrics.failed.increment();
                complain("Cannot judge a question: " + e);
                say(fallback);
            }
        }

        private void say(byte[] answer) {
            if (unread.remaining() < answer.length) {
                var wider = ByteBuffer.allocate(Math.max(256, 2 * (unread.position() + answer.length)));
                unread.flip();
                unread = wider.put(unread);
            }
            unread.put(answer);
        }

        /** Sends what it can; nothing more is read from a client that does not read its answers. */
        void write() throws IOException {
            channel.write(unread);
            if (key == null) {
                return;
            }
            if (unread.hasRemaining()) {
                key.interestOps(SelectionKey.OP_WRITE);
            } else {
                unread = unread.capacity() > 1024 ? ByteBuffer.allocate(0) : unread.clear();
                key.interestOps(SelectionKey.OP_READ);
            }
        }

        boolean isLate(long now) {
            boolean waits = reader.within() || (key != null && key.interestOps() == SelectionKey.OP_WRITE);
            return waits
                    ? now - began > bounds.slowest().toNanos()
                    : now - active > bounds.idle().toNanos();
        }

        boolean isLess(Client other) {
            return asked == other.asked ? active < other.active : !asked;
        }

        void close() {
            if (closed) {
                return;
            }
            closed = true;
            metrics.connections.decrementAndGet();
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("Closing a connection: {}", e.getMessage());
            }
        }
    }
}
