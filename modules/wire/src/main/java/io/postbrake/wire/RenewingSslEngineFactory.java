package io.postbrake.wire;

import java.security.KeyStore;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.auth.SslEngineFactory;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/**
 * Kafka's own way to make TLS connections, but that key and trust are read anew when their files were replaced: a client of
 * Kafka's reads them when it is made, and never again. Connections that are open stay; the next one has what is new.
 */
public final class RenewingSslEngineFactory implements SslEngineFactory {

    private TlsFiles files;

    /** Needed by Kafka. */
    public RenewingSslEngineFactory() {}

    /** Has these settings of Kafka's clients use it where they speak TLS, unless they name a factory themselves. */
    public static void offerTo(Map<String, String> kafka) {
        boolean tls = kafka.entrySet().stream()
                .anyMatch(each -> each.getKey().endsWith("security.protocol")
                        && each.getValue().toUpperCase(Locale.ROOT).endsWith("SSL"));
        if (tls) {
            kafka.putIfAbsent(SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG, RenewingSslEngineFactory.class.getName());
        }
    }

    @Override
    public void configure(Map<String, ?> configs) {
        files = TlsFiles.parsed(configs);
    }

    @Override
    public SSLEngine createClientSslEngine(String peerHost, int peerPort, String endpointIdentification) {
        return now().createClientSslEngine(peerHost, peerPort, endpointIdentification);
    }

    @Override
    public SSLEngine createServerSslEngine(String peerHost, int peerPort) {
        return now().createServerSslEngine(peerHost, peerPort);
    }

    private DefaultSslEngineFactory now() {
        return files.now();
    }

    /** Never: it looks for itself. */
    @Override
    public boolean shouldBeRebuilt(Map<String, Object> nextConfigs) {
        return false;
    }

    @Override
    public Set<String> reconfigurableConfigs() {
        return Set.of();
    }

    @Override
    public KeyStore keystore() {
        return now().keystore();
    }

    @Override
    public KeyStore truststore() {
        return now().truststore();
    }

    @Override
    public void close() {
        if (files != null) {
            files.close();
        }
    }
}
