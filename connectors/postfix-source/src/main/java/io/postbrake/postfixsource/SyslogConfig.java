package io.postbrake.postfixsource;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/** The settings of the syslog listener, among the shipper's. */
final class SyslogConfig {

    static final String UDP = "syslog.udp.listen";
    static final String TCP = "syslog.tcp.listen";
    static final String TLS = "syslog.tls.listen";
    static final String HOSTS = "syslog.hosts";
    static final String CLIENT_AUTH = "syslog.tls.client.auth";
    static final String CONNECTIONS = "syslog.connections.max";
    static final String CONNECTIONS_PER_PEER = "syslog.connections.per.peer";
    static final String BUFFER = "syslog.buffer.bytes";
    static final String FRAME_TIMEOUT = "syslog.frame.timeout.ms";
    private static final String TLS_PREFIX = "syslog.tls.";

    private final PostfixSourceConfig config;

    SyslogConfig(PostfixSourceConfig config) {
        this.config = config;
    }

    static void define(ConfigDef def) {
        String listen = "[ADDRESS:]PORT to receive syslog on; without an address only this machine reaches it.";
        def.define(UDP, Type.STRING, "", Importance.MEDIUM, "UDP (RFC 5426): " + listen);
        def.define(TCP, Type.STRING, "", Importance.MEDIUM, "TCP (RFC 6587): " + listen);
        def.define(TLS, Type.STRING, "", Importance.MEDIUM, "TLS (RFC 5425): " + listen);
        def.define(
                HOSTS,
                Type.LIST,
                "",
                Importance.HIGH,
                "Which mail host a peer is: ADDRESS=HOST.ID,"
                        + " ADDRESS/BITS=HOST.ID or cn:NAME=HOST.ID (name in its certificate). Others are refused, this machine's own users too: name"
                        + " 127.0.0.1 only where none of them is a stranger.");
        def.define(
                CLIENT_AUTH,
                Type.STRING,
                "required",
                ValidString.in("none", "required"),
                Importance.MEDIUM,
                "Whether peers must show a certificate that the trust store vouches for.");
        def.define(CONNECTIONS, Type.INT, 256, Range.between(1, 10_000), Importance.LOW, "Most connections at a time.");
        def.define(
                CONNECTIONS_PER_PEER,
                Type.INT,
                8,
                Range.between(1, 10_000),
                Importance.LOW,
                "Most connections at a time from one address.");
        def.define(
                BUFFER,
                Type.LONG,
                16L << 20,
                Range.between(1 << 16, 1L << 32),
                Importance.LOW,
                "Bytes received and not handed over yet; beyond it TCP is not read and UDP is dropped.");
        def.define(
                FRAME_TIMEOUT,
                Type.INT,
                30_000,
                Range.between(100, 3_600_000),
                Importance.LOW,
                "Milliseconds that a message, or a TLS handshake, may take from its first byte.");
        var tls = new ConfigDef();
        SslConfigs.addClientSslSupport(tls);
        def.embed(TLS_PREFIX, "TLS", 0, tls);
    }

    boolean isOn() {
        return Stream.of(UDP, TCP, TLS).map(this::address).toList().stream().anyMatch(Objects::nonNull);
    }

    InetSocketAddress udp() {
        return address(UDP);
    }

    InetSocketAddress tcp() {
        return address(TCP);
    }

    InetSocketAddress tls() {
        return address(TLS);
    }

    SyslogPeers peers() {
        try {
            var peers = new SyslogPeers(config.getList(HOSTS));
            if (config.getList(HOSTS).isEmpty()) {
                throw new IllegalArgumentException("nobody would be heard: give ADDRESS=HOST.ID or cn:NAME=HOST.ID of"
                        + " each mail host that sends");
            }
            if (peers.needsCertificates() && (tls() == null || !clientAuth())) {
                throw new IllegalArgumentException("cn: needs " + TLS + " and " + CLIENT_AUTH + "=required");
            }
            return peers;
        } catch (IllegalArgumentException e) {
            throw new ConfigException(HOSTS, config.getList(HOSTS), e.getMessage());
        }
    }

    boolean clientAuth() {
        return config.getString(CLIENT_AUTH).equals("required");
    }

    /** Keys and trust as Kafka takes them: PEM, PKCS12 or JKS, in files or in the settings themselves. */
    SSLContext sslContext() {
        Map<String, Object> ssl = new HashMap<>();
        config.values().forEach((key, value) -> {
            if (key.startsWith(TLS_PREFIX + "ssl.")) {
                ssl.put(key.substring(TLS_PREFIX.length()), value);
            }
        });
        try (var factory = new DefaultSslEngineFactory()) {
            factory.configure(ssl);
            if (factory.keystore() == null) {
                throw new ConfigException(
                        TLS_PREFIX + "ssl.keystore.location",
                        null,
                        "TLS needs a key store with this host's certificate");
            }
            return factory.sslContext();
        } catch (KafkaException e) {
            throw e instanceof ConfigException named ? named : new ConfigException(TLS + ": " + e.getMessage());
        }
    }

    private InetSocketAddress address(String key) {
        String text = config.getString(key);
        if (text.isBlank()) {
            return null;
        }
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1).strip());
            String host = colon < 0
                    ? ""
                    : text.substring(0, colon).replaceAll("^\\[|]$", "").strip();
            InetAddress address = host.isEmpty() ? InetAddress.getLoopbackAddress() : InetAddress.getByName(host);
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException | IllegalArgumentException e) {
            throw new ConfigException(key, text, "give [ADDRESS:]PORT, such as 6514 or 192.0.2.1:6514");
        }
    }
}
