package io.postbrake.embedded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/** A real single-node KRaft broker inside this JVM, on loopback only, with its data in one folder. */
public final class EmbeddedBroker implements AutoCloseable {
    private final KafkaRaftServer server;
    private final FileChannel lock;
    private final String bootstrapServers;
    private final String controllerAddress;

    private EmbeddedBroker(
            KafkaRaftServer server, FileChannel lock, String bootstrapServers, String controllerAddress) {
        this.server = server;
        this.lock = lock;
        this.bootstrapServers = bootstrapServers;
        this.controllerAddress = controllerAddress;
    }

    /**
     * Starts the broker and returns when it takes requests.
     *
     * @param dir folder of the data; made and formatted when it is new, kept and continued when it is not
     * @param port port, or 0 for any that is free
     */
    public static EmbeddedBroker start(Path dir, int port) {
        return begin(dir, port, null);
    }

    /** As above, closed to everybody who does not have the login: its controller too. */
    public static EmbeddedBroker start(Path dir, int port, Login login) {
        return begin(dir, port, login);
    }

    private static EmbeddedBroker begin(Path dir, int port, Login loginOrNull) {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("broker port " + port + " must be 0 (any free port) to 65535");
        }
        try {
            Path home = Files.createDirectories(dir.toAbsolutePath());
            FileChannel lock = lock(home);
            try {
                return start(home, port, lock, loginOrNull);
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a broker with its data in " + dir + ": " + e.getMessage(), e);
        }
    }

    private static EmbeddedBroker start(Path home, int port, FileChannel lock, Login loginOrNull) throws IOException {
        int[] free = freePorts();
        int brokerPort = port == 0 ? free[0] : port;
        String address = "127.0.0.1:" + brokerPort;
        if (port != 0) {
            requireFree(port);
        }
        Properties properties = settings(home.resolve("data"), address, free[1]);
        if (!Files.exists(home.resolve("data").resolve("meta.properties"))) {
            format(home, properties);
        }
        if (loginOrNull != null) {
            close(properties, loginOrNull);
        }
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
        try {
            server.startup();
        } catch (RuntimeException e) {
            server.shutdown();
            throw new IOException(e.getMessage(), e);
        }
        return new EmbeddedBroker(server, lock, address, "127.0.0.1:" + free[1]);
    }

    // Kafka takes its own lock only after its controller has opened the metadata log.
    private static FileChannel lock(Path home) throws IOException {
        FileChannel channel =
                FileChannel.open(home.resolve("broker.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("another broker in this process uses the folder", e);
        }
        channel.close();
        throw new IOException("a broker in another process uses the folder");
    }

    /** Address for {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Where the controller of the metadata listens. */
    String controllerAddress() {
        return controllerAddress;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot release the folder of the broker", e);
        }
    }

    private static Properties settings(Path data, String address, int controllerPort) {
        String controller = "127.0.0.1:" + controllerPort;
        Properties settings = new Properties();
        settings.setProperty("process.roles", "broker,controller");
        settings.setProperty("node.id", "1");
        settings.setProperty("controller.quorum.voters", "1@" + controller);
        settings.setProperty("controller.listener.names", "CONTROLLER");
        settings.setProperty("listeners", "CLIENTS://" + address + ",CONTROLLER://" + controller);
        settings.setProperty("advertised.listeners", "CLIENTS://" + address);
        settings.setProperty("listener.security.protocol.map", "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.setProperty("inter.broker.listener.name", "CLIENTS");
        settings.setProperty("log.dirs", data.toString());
        settings.setProperty("auto.create.topics.enable", "false");
        settings.setProperty("default.replication.factor", "1");
        settings.setProperty("min.insync.replicas", "1");
        for (String topic : new String[] {"offsets.topic", "transaction.state.log", "share.coordinator.state.topic"}) {
            settings.setProperty(topic + ".replication.factor", "1");
            settings.setProperty(topic + ".num.partitions", "4");
        }
        settings.setProperty("transaction.state.log.min.isr", "1");
        // The detector's next transaction begins while the last one is being finished; on one machine that is soon.
        settings.setProperty("add.partitions.to.txn.retry.backoff.ms", "2");
        // A detector that stays dead is replaced as soon as its silence tells.
        settings.setProperty("group.min.session.timeout.ms", "3000");
        // A broker that was killed may take its place again only when the session of the one before it has run out.
        settings.setProperty("broker.session.timeout.ms", "3000");
        settings.setProperty("broker.heartbeat.interval.ms", "500");
        // A first look in the middle of a slow start forgets transactions for good; a detector ends dead ones itself.
        settings.setProperty("transaction.abort.timed.out.transaction.cleanup.interval.ms", "60000");
        settings.setProperty("share.coordinator.state.topic.min.isr", "1");
        settings.setProperty("group.initial.rebalance.delay.ms", "0");
        settings.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(16 << 20));
        // There is no second replica: what the operating system has not written is lost with it.
        settings.setProperty("log.flush.interval.ms", "1000");
        settings.setProperty("log.flush.scheduler.interval.ms", "1000");
        return settings;
    }

    private static void close(Properties settings, Login login) {
        settings.setProperty("listener.security.protocol.map", "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT");
        settings.setProperty("sasl.enabled.mechanisms", Login.MECHANISM);
        settings.setProperty("sasl.mechanism.inter.broker.protocol", Login.MECHANISM);
        settings.setProperty("sasl.mechanism.controller.protocol", Login.MECHANISM);
        for (String listener : new String[] {"clients", "controller"}) {
            String prefix = "listener.name." + listener + "." + Login.MECHANISM.toLowerCase(Locale.ROOT) + ".";
            settings.setProperty(prefix + "sasl.jaas.config", login.jaasLine());
            settings.setProperty(
                    prefix + "sasl.server.callback.handler.class", ScramCredentialOfListener.class.getName());
        }
    }

    private static void format(Path home, Properties properties) throws IOException {
        Path file = home.resolve("server.properties");
        try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            properties.store(writer, null);
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        String cluster = Uuid.randomUuid().toString();
        // The form with "=" because an id may begin with a dash.
        String[] arguments = {"format", "--cluster-id=" + cluster, "--config=" + file, "--ignore-formatted"};
        int status;
        try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            status = StorageTool.execute(arguments, out);
        } catch (RuntimeException e) {
            throw new IOException("formatting failed: " + e.getMessage(), e);
        }
        if (status != 0) {
            throw new IOException("formatting failed: " + said.toString(StandardCharsets.UTF_8));
        }
    }

    private static int[] freePorts() throws IOException {
        try (ServerSocket one = bound(0);
                ServerSocket two = bound(0)) {
            return new int[] {one.getLocalPort(), two.getLocalPort()};
        }
    }

    private static void requireFree(int port) throws IOException {
        try (ServerSocket socket = bound(port)) {
            if (socket.getLocalPort() != port) {
                throw new IOException("port " + port + " is not free");
            }
        }
    }

    private static ServerSocket bound(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        try {
            socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
        } catch (IOException e) {
            socket.close();
            throw new IOException("port " + port + " of 127.0.0.1: " + e.getMessage(), e);
        }
        return socket;
    }
}
