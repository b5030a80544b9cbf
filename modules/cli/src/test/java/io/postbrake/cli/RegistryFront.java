package io.postbrake.cli;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/** What stands in front of a registry that knows neither TLS nor users: it asks for both, and passes on the rest. */
final class RegistryFront implements AutoCloseable {

    static final String USER = "postbrake";
    static final String PASSWORD = "of-a-test-only";

    private final String target;
    private final InetSocketAddress address;
    private final HttpClient client = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpsServer server;

    /** @param key PEM file with key and certificate */
    RegistryFront(String target, Path key) throws IOException {
        this.target = target;
        server = listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), key);
        address = server.getAddress();
    }

    String url() {
        return "https://127.0.0.1:" + address.getPort();
    }

    /** Ends what is open, and shows another certificate from now on. */
    void shows(Path key) throws IOException {
        server.stop(0);
        server = listen(address, key);
    }

    private HttpsServer listen(InetSocketAddress at, Path key) throws IOException {
        var definition = new ConfigDef();
        SslConfigs.addClientSslSupport(definition);
        var tls = new DefaultSslEngineFactory();
        tls.configure(new AbstractConfig(
                        definition, Map.of("ssl.keystore.type", "PEM", "ssl.keystore.location", key.toString()), false)
                .values());
        var listening = HttpsServer.create(at, 50);
        listening.setHttpsConfigurator(new HttpsConfigurator(tls.sslContext()));
        listening.createContext("/", this::passOn).setAuthenticator(new BasicAuthenticator("registry") {
            @Override
            public boolean checkCredentials(String user, String password) {
                return user.equals(USER) && password.equals(PASSWORD);
            }
        });
        listening.setExecutor(threads);
        listening.start();
        return listening;
    }

    private void passOn(HttpExchange exchange) throws IOException {
        try (exchange) {
            var request = HttpRequest.newBuilder(URI.create(target + exchange.getRequestURI()))
                    .method(
                            exchange.getRequestMethod(),
                            HttpRequest.BodyPublishers.ofByteArray(
                                    exchange.getRequestBody().readAllBytes()))
                    .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                    .build();
            HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            exchange.sendResponseHeaders(
                    response.statusCode(), response.body().length == 0 ? -1 : response.body().length);
            exchange.getResponseBody().write(response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
