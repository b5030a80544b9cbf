package io.postbrake.postfixsource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postbrake.event.MailEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The listener over real sockets. */
@Timeout(60)
class SyslogTest {

    @TempDir
    private Path dir;

    private final Map<String, String> settings = new HashMap<>();
    private SyslogSource source;

    @BeforeEach
    void prepare() throws IOException {
        settings.put("state.dir", Files.createDirectory(dir.resolve("state")).toString());
        settings.put("host.id", "hub");
        settings.put("log.zone", "UTC");
        settings.put("syslog.hosts", "127.0.0.1=hub");
    }

    @AfterEach
    void stop() {
        if (source != null) {
            source.close();
        }
    }

    @Test
    void bothFramingsOfTcpAndBothFormsOfSyslogAreUnderstood() throws Exception {
        settings.put("syslog.tcp.listen", "0");
        starts();
        String counted = "<22>1 2026-11-24T10:00:00Z mx5 postfix/qmgr 7 - - A00002: removed\n";
        String all = line(1) + "\n" + counted.length() + " " + counted + line(3) + "\0" + year(4) + "\n" + line(5);

        sends(source.listener().tcpPort(), all);

        List<MailEvent> events = receives(5);
        assertThat(events)
                .extracting(MailEvent::getQueueId)
                .containsExactly("A00001", "A00002", "A00003", "A00004", "A00005");
        assertThat(events).extracting(MailEvent::getHostId).containsOnly("hub");
        assertThat(events).extracting(MailEvent::getPosition).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(events.get(0).getSourceId()).startsWith("syslog-");
    }

    @Test
    void aLineCannotPretendToBeTwo() throws Exception {
        settings.put("syslog.tcp.listen", "0");
        starts();
        String sly = line(1) + "\n" + line(2);

        sends(source.listener().tcpPort(), sly.length() + " " + sly + line(3) + "\n");

        List<MailEvent> events = receives(2);
        assertThat(events).extracting(MailEvent::getPosition).containsExactly(0L, 1L);
        assertThat(events.get(1).getQueueId()).isEqualTo("A00003");
    }

    @Test
    void anOverLongMessageIsCutAndTheNextIsWhole() throws Exception {
        settings.put("syslog.tcp.listen", "0");
        settings.put("line.max.bytes", "1024");
        starts();
        String log = line(1) + "x".repeat(100_000);

        sends(source.listener().tcpPort(), log.length() + " " + log + line(2) + "\n");

        List<MailEvent> events = receives(2);
        assertThat(events.get(0).getRawLength()).isEqualTo(log.length());
        assertThat(events.get(1).getQueueId()).isEqualTo("A00002");
    }

    @Test
    void datagramsAreUnderstood() throws Exception {
        settings.put("syslog.udp.listen", "0");
        starts();
        try (var socket = new DatagramSocket()) {
            for (int i = 0; i < 3; i++) {
                byte[] text = (line(i) + "\n").getBytes(StandardCharsets.UTF_8);
                socket.send(new DatagramPacket(
                        text,
                        text.length,
                        InetAddress.getLoopbackAddress(),
                        source.listener().udpPort()));
            }
        }

        List<MailEvent> events = receives(3);

        assertThat(events).extracting(MailEvent::getQueueId).containsExactly("A00000", "A00001", "A00002");
        assertThat(source.listener().kernelDrops()).isZero();
    }

    @Test
    void aFullBufferStopsReadingOfTcpAndDropsDatagramsWithACount() throws Exception {
        settings.put("syslog.tcp.listen", "0");
        settings.put("syslog.udp.listen", "0");
        settings.put("syslog.buffer.bytes", "65536");
        starts();
        int count = 200_000;
        var sender = new Thread(() -> {
            try (var socket = new Socket(
                    InetAddress.getLoopbackAddress(), source.listener().tcpPort())) {
                OutputStream out = socket.getOutputStream();
                for (int i = 0; i < count; i++) {
                    out.write((line(i) + "\n").getBytes(StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        sender.start();
        waits(() -> source.listener().received.get() > 100 && stands(source.listener().received::get));
        assertThat(source.listener().received.get()).isLessThan(2000);
        try (var socket = new DatagramSocket()) {
            byte[] text = line(1).getBytes(StandardCharsets.UTF_8);
            socket.send(new DatagramPacket(
                    text,
                    text.length,
                    InetAddress.getLoopbackAddress(),
                    source.listener().udpPort()));
        }
        waits(() -> source.listener().dropped.get() == 1);

        List<MailEvent> events = receives(count);

        assertThat(events).hasSize(count);
        assertThat(events.get(count - 1).getQueueId()).isEqualTo("A%05d".formatted(count - 1));
        sender.join();
    }

    @Test
    void crumbsAndCrowdsHoldNoConnection() throws Exception {
        settings.put("syslog.tcp.listen", "0");
        settings.put("syslog.frame.timeout.ms", "200");
        settings.put("syslog.connections.per.peer", "2");
        starts();
        int port = source.listener().tcpPort();
        try (var slow = new Socket(InetAddress.getLoopbackAddress(), port);
                var idle = new Socket(InetAddress.getLoopbackAddress(), port);
                var third = new Socket(InetAddress.getLoopbackAddress(), port)) {
            slow.getOutputStream().write("999 <22>".getBytes(StandardCharsets.UTF_8));

            assertThat(third.getInputStream().read()).isEqualTo(-1);
            assertThat(slow.getInputStream().read()).isEqualTo(-1);

            waits(() -> source.listener().broken.get() == 1);
            assertThat(source.listener().surplus).hasValue(1);
            idle.getOutputStream().write((line(7) + "\n").getBytes(StandardCharsets.UTF_8));
            assertThat(receives(1)).extracting(MailEvent::getQueueId).containsExactly("A00007");
        }
    }

    @Test
    void hostsAreToldApartByAddressAndOthersRefused() {
        var peers = new SyslogPeers(List.of("192.0.2.0/24=net", "192.0.2.5=mx5", "2001:db8::/32=six"));

        assertThat(peers.host(address("192.0.2.5"))).isEqualTo("mx5");
        assertThat(peers.host(address("192.0.2.6"))).isEqualTo("net");
        assertThat(peers.host(address("2001:db8::1"))).isEqualTo("six");
        assertThat(peers.host(address("127.0.0.1")))
                .as("any user of this machine")
                .isNull();
        assertThat(peers.host(address("198.51.100.1"))).isNull();
        assertThatThrownBy(() -> new SyslogPeers(List.of("mx.example.com=mx1"))).hasMessageContaining("no address");
        assertThatThrownBy(() -> new SyslogPeers(List.of("192.0.2.5"))).hasMessageContaining("ADDRESS=HOST");
    }

    @Test
    void aCertificateNamesTheHostAndNobodyWithoutOneIsHeard() throws Exception {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        Assumptions.assumeTrue(Files.isExecutable(keytool), "no keytool here");
        for (String name : List.of("hub", "mx6", "stranger")) {
            keytool(
                    keytool,
                    "-genkeypair",
                    "-alias",
                    name,
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=" + name + ".example.com",
                    "-keystore",
                    store(name),
                    "-storepass",
                    "changeit",
                    "-storetype",
                    "PKCS12");
            keytool(
                    keytool,
                    "-exportcert",
                    "-alias",
                    name,
                    "-keystore",
                    store(name),
                    "-storepass",
                    "changeit",
                    "-file",
                    dir.resolve(name + ".crt").toString());
        }
        keytool(
                keytool,
                "-importcert",
                "-noprompt",
                "-alias",
                "mx6",
                "-file",
                dir.resolve("mx6.crt").toString(),
                "-keystore",
                store("trust"),
                "-storepass",
                "changeit",
                "-storetype",
                "PKCS12");
        settings.put("syslog.tls.listen", "0");
        settings.put("syslog.hosts", "cn:mx6.example.com=mx6");
        settings.put("syslog.tls.ssl.keystore.location", store("hub"));
        settings.put("syslog.tls.ssl.keystore.type", "PKCS12");
        settings.put("syslog.tls.ssl.keystore.password", "changeit");
        settings.put("syslog.tls.ssl.truststore.location", store("trust"));
        settings.put("syslog.tls.ssl.truststore.type", "PKCS12");
        settings.put("syslog.tls.ssl.truststore.password", "changeit");
        starts();

        sendsSecretly("mx6", line(1));

        assertThat(receives(1)).extracting(MailEvent::getHostId).containsExactly("mx6");
        assertThatThrownBy(() -> sendsSecretly("stranger", line(2))).isInstanceOf(IOException.class);
        waits(() -> source.listener().broken.get() >= 1);
        assertThat(receives(0)).isEmpty();
        assertThat(new PostfixSourceConfig(settings).values().toString()).doesNotContain("changeit");
    }

    @Test
    void badSettingsAreNamed() {
        for (var bad : Map.of("syslog.tcp.listen", "abc", "syslog.hosts", "x=y", "syslog.tls.listen", "0")
                .entrySet()) {
            var wrong = new HashMap<>(settings);
            wrong.put("syslog.udp.listen", "0");
            wrong.put(bad.getKey(), bad.getValue());

            assertThatThrownBy(() -> new PostfixSourceConfig(wrong))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(bad.getKey().substring(0, 10));
        }
        assertThatThrownBy(() -> new PostfixSourceConfig(settings)).hasMessageContaining("log.paths");
    }

    @Test
    void aListenerThatWouldHearNobodyIsRefused() {
        settings.put("syslog.tcp.listen", "0");
        settings.remove("syslog.hosts");

        assertThatThrownBy(() -> new PostfixSourceConfig(settings))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("syslog.hosts")
                .hasMessageContaining("nobody would be heard");
    }

    @Test
    void aUserOfThisMachineIsNotHeardUnlessItsAddressIsNamed() throws Exception {
        settings.put("syslog.tcp.listen", "0");
        settings.put("syslog.hosts", "192.0.2.5=mx5");
        starts();

        sends(source.listener().tcpPort(), line(1) + "\n");

        waits(() -> source.listener().refused.get() == 1);
        assertThat(receives(0)).isEmpty();
    }

    private void starts() throws IOException {
        source = new SyslogSource(new PostfixSourceConfig(settings), InstantSource.system());
    }

    private static void sends(int port, String text) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void sendsSecretly(String as, String text) throws Exception {
        var keys = KeyStore.getInstance(Path.of(store(as)).toFile(), "changeit".toCharArray());
        var mine = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        mine.init(keys, "changeit".toCharArray());
        var hub = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        var hubKeys = KeyStore.getInstance(Path.of(store("hub")).toFile(), "changeit".toCharArray());
        trusted.setCertificateEntry("hub", hubKeys.getCertificate("hub"));
        hub.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(mine.getKeyManagers(), hub.getTrustManagers(), null);
        try (var socket = context.getSocketFactory()
                .createSocket(
                        InetAddress.getLoopbackAddress(), source.listener().tlsPort())) {
            socket.getOutputStream().write((text.length() + " " + text).getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            if (socket.getInputStream().read() >= 0) {
                throw new IOException("a listener does not answer");
            }
        }
    }

    private List<MailEvent> receives(int count) throws Exception {
        List<MailEvent> events = new ArrayList<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        do {
            source.poll(1000, events::add);
            source.await(5);
        } while (events.size() < count && System.nanoTime() < end);
        return events;
    }

    private static boolean stands(Callable<Long> value) throws Exception {
        long before = value.call();
        TimeUnit.MILLISECONDS.sleep(300);
        return before == value.call();
    }

    private static void waits(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.call()) {
            assertThat(System.nanoTime()).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private String store(String name) {
        return dir.resolve(name + ".p12").toString();
    }

    private static void keytool(Path keytool, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(keytool.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String line(int i) {
        return "<22>Nov 24 10:00:00 mx5 postfix/qmgr[7]: A%05d: removed".formatted(i);
    }

    private static String year(int i) {
        return "2026-11-24T10:00:00+00:00 mx5 postfix/qmgr[7]: A%05d: removed".formatted(i);
    }
}
