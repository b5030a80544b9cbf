package io.postbrake.postfixsource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives syslog for hosts where no JVM may run: UDP, TCP and TLS. A thread for each connection, and not many of them; when
 * the buffer is full they do not read, and the peer's own queue fills.
 */
final class SyslogListener implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SyslogListener.class);
    private static final int DATAGRAM = 1 << 16;
    private static final int KERNEL_BUFFER = 4 << 20;
    private static final int MOST_REFUSALS_TOLD = 100;

    final AtomicLong received = new AtomicLong();
    /** Datagrams for which the buffer had no room. */
    final AtomicLong dropped = new AtomicLong();
    /** Connections and datagrams of nobody that is known. */
    final AtomicLong refused = new AtomicLong();
    /** Connections beyond the limits. */
    final AtomicLong surplus = new AtomicLong();
    /** Connections that ended within a message or its time. */
    final AtomicLong broken = new AtomicLong();

    private final SyslogBuffer buffer;
    private final SyslogPeers peers;
    private final int longest;
    private final Duration patience;
    private final int most;
    private final int mostPerPeer;
    private final List<AutoCloseable> listening = new ArrayList<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final Map<InetAddress, Integer> perPeer = new HashMap<>();
    private final Set<InetAddress> told = ConcurrentHashMap.newKeySet();
    private final List<Thread> threads = new ArrayList<>();
    private ServerSocket tcp;
    private ServerSocket tls;
    private DatagramChannel udp;
    private volatile boolean closed;

    SyslogListener(PostfixSourceConfig config, SyslogBuffer buffer) throws IOException {
        var syslog = new SyslogConfig(config);
        this.buffer = buffer;
        peers = syslog.peers();
        longest = config.getInt(PostfixSourceConfig.LINE_MAX);
        patience = Duration.ofMillis(config.getInt(SyslogConfig.FRAME_TIMEOUT));
        most = config.getInt(SyslogConfig.CONNECTIONS);
        mostPerPeer = config.getInt(SyslogConfig.CONNECTIONS_PER_PEER);
        try {
            if (syslog.udp() != null) {
                udp = opened(DatagramChannel.open());
                udp.setOption(StandardSocketOptions.SO_RCVBUF, KERNEL_BUFFER);
                udp.bind(syslog.udp());
                runs("syslog-udp", this::receive);
            }
            if (syslog.tcp() != null) {
                tcp = opened(new ServerSocket());
                listens(tcp, syslog.tcp(), "syslog-tcp");
            }
            if (syslog.tls() != null) {
                SSLServerSocketFactory factory = syslog.sslContext().getServerSocketFactory();
                var socket = opened((SSLServerSocket) factory.createServerSocket());
                socket.setNeedClientAuth(syslog.clientAuth());
                socket.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
                tls = socket;
                listens(socket, syslog.tls(), "syslog-tls");
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private <T extends AutoCloseable> T opened(T socket) {
        listening.add(socket);
        return socket;
    }

    private void listens(ServerSocket socket, InetSocketAddress address, String name) throws IOException {
        socket.setReuseAddress(true);
        socket.bind(address);
        runs(name, () -> accept(socket));
    }

    private void runs(String name, Runnable task) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        synchronized (threads) {
            threads.removeIf(t -> !t.isAlive());
            threads.add(thread);
        }
        thread.start();
    }

    int tcpPort() {
        return tcp.getLocalPort();
    }

    int tlsPort() {
        return tls.getLocalPort();
    }

    int udpPort() throws IOException {
        return ((InetSocketAddress) udp.getLocalAddress()).getPort();
    }

    int connections() {
        return connections.size();
    }

    private void accept(ServerSocket socket) {
        while (!closed) {
            try {
                Socket connection = socket.accept();
                InetAddress peer = connection.getInetAddress();
                if (admitted(peer)) {
                    connections.add(connection);
                    runs("syslog-" + peer.getHostAddress(), () -> serve(connection));
                } else {
                    surplus.incrementAndGet();
                    connection.close();
                }
            } catch (IOException e) {
                if (!closed) {
                    LOG.warn("cannot accept a connection: {}", e.getMessage());
                }
            }
        }
    }

    private synchronized boolean admitted(InetAddress peer) {
        int there = perPeer.getOrDefault(peer, 0);
        if (there >= mostPerPeer || connections.size() >= most) {
            return false;
        }
        perPeer.put(peer, there + 1);
        return true;
    }

    private synchronized void left(Socket connection) {
        connections.remove(connection);
        perPeer.computeIfPresent(connection.getInetAddress(), (k, n) -> n == 1 ? null : n - 1);
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.setKeepAlive(true);
            String host = host(connection);
            if (host == null) {
                refuse(connection.getInetAddress());
                return;
            }
            var frames = new SyslogFrames(connection, longest, patience);
            for (SyslogFrames.Message m = frames.next(); m != null; m = frames.next()) {
                received.incrementAndGet();
                buffer.put(new SyslogBuffer.Received(host, m.text(), m.length()));
            }
        } catch (IOException e) {
            if (!closed) {
                broken.incrementAndGet();
                LOG.debug("{}: {}", connection.getInetAddress(), e.getMessage());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            left(connection);
        }
    }

    private String host(Socket connection) throws IOException {
        if (connection instanceof SSLSocket secure) {
            secure.setSoTimeout((int) patience.toMillis());
            secure.startHandshake();
            if (secure.getNeedClientAuth()
                    && secure.getSession().getPeerCertificates()[0] instanceof X509Certificate certificate) {
                String named = peers.host(certificate);
                if (named != null) {
                    return named;
                }
            }
        }
        return peers.host(connection.getInetAddress());
    }

    private void refuse(InetAddress peer) {
        refused.incrementAndGet();
        if (told.size() < MOST_REFUSALS_TOLD && told.add(peer)) {
            LOG.warn("{} sends syslog and is none of {}", peer.getHostAddress(), SyslogConfig.HOSTS);
        }
    }

    private void receive() {
        ByteBuffer datagram = ByteBuffer.allocate(DATAGRAM);
        while (!closed) {
            try {
                datagram.clear();
                var from = (InetSocketAddress) udp.receive(datagram);
                if (from != null) {
                    take(from.getAddress(), datagram.flip());
                }
            } catch (IOException e) {
                if (!closed) {
                    LOG.warn("cannot receive a datagram: {}", e.getMessage());
                }
            }
        }
    }

    private void take(InetAddress from, ByteBuffer datagram) {
        String host = peers.host(from);
        if (host == null) {
            refuse(from);
            return;
        }
        received.incrementAndGet();
        byte[] bytes = datagram.array();
        int length = datagram.limit();
        while (length > 0 && bytes[length - 1] <= ' ' && bytes[length - 1] >= 0) {
            length--;
        }
        byte[] text = new byte[Math.min(length, longest)];
        for (int i = 0; i < text.length; i++) {
            text[i] = bytes[i] >= 0 && bytes[i] < ' ' && bytes[i] != '\t' ? (byte) '?' : bytes[i];
        }
        if (!buffer.offer(new SyslogBuffer.Received(host, text, length))) {
            dropped.incrementAndGet();
        }
    }

    /** Datagrams that the kernel had no room for, as far as it tells. */
    long kernelDrops() {
        if (udp == null) {
            return 0;
        }
        long drops = 0;
        try {
            String port = String.format(":%04X", udpPort());
            for (Path table : List.of(Path.of("/proc/net/udp"), Path.of("/proc/net/udp6"))) {
                if (Files.isReadable(table)) {
                    for (String line : Files.readAllLines(table)) {
                        String[] words = line.strip().split("\\s+");
                        if (words.length > 2 && words[1].endsWith(port)) {
                            drops += Long.parseLong(words[words.length - 1]);
                        }
                    }
                }
            }
        } catch (IOException | NumberFormatException e) {
            LOG.debug("the kernel does not tell of drops: {}", e.getMessage());
        }
        return drops;
    }

    @Override
    public void close() {
        closed = true;
        for (AutoCloseable socket : listening) {
            closeQuietly(socket);
        }
        connections.forEach(SyslogListener::closeQuietly);
        synchronized (threads) {
            threads.forEach(Thread::interrupt);
        }
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            LOG.debug("closing a socket: {}", e.getMessage());
        }
    }
}
