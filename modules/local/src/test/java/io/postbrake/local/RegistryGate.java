package io.postbrake.local;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** The way to a registry, which can be closed in each of the ways in which registries are away. */
final class RegistryGate implements AutoCloseable {

    /** How the registry answers. */
    enum Mode {
        OPEN(200),
        REFUSED(0),
        HANGING(0),
        UNAUTHORISED(401),
        TOO_MANY(429),
        ERROR(500),
        UNAVAILABLE(503),
        /** The page of a proxy that finds nobody behind itself. */
        NOBODY_BEHIND(404);

        private final int status;

        Mode(int status) {
            this.status = status;
        }
    }

    private final String target;
    private final InetSocketAddress address;
    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger turnedAway = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile Mode mode;
    private HttpServer server;

    RegistryGate(String target, Mode mode) throws IOException {
        this.target = target;
        this.server = listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        this.address = server.getAddress();
        set(mode);
    }

    String url() {
        return "http://127.0.0.1:" + address.getPort();
    }

    /** Requests that were not let through, as far as they could be seen. */
    int turnedAway() {
        return turnedAway.get();
    }

    synchronized void set(Mode next) throws IOException {
        mode = next;
        if (next == Mode.REFUSED && server != null) {
            server.stop(0);
            server = null;
        } else if (next != Mode.REFUSED && server == null) {
            server = listen(address);
        }
    }

    private HttpServer listen(InetSocketAddress at) throws IOException {
        var listening = HttpServer.create(at, 50);
        listening.createContext("/", this::serve);
        listening.setExecutor(threads);
        listening.start();
        return listening;
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            Mode now = mode;
            if (now == Mode.OPEN) {
                passOn(exchange);
                return;
            }
            turnedAway.incrementAndGet();
            if (now == Mode.HANGING) {
                while (mode == Mode.HANGING) {
                    Thread.sleep(50);
                }
                return;
            }
            answer(exchange, now.status, "<html>not now</html>".getBytes(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void passOn(HttpExchange exchange) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(target + exchange.getRequestURI()))
                .method(
                        exchange.getRequestMethod(),
                        HttpRequest.BodyPublishers.ofByteArray(
                                exchange.getRequestBody().readAllBytes()))
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .build();
        HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        answer(exchange, response.statusCode(), response.body());
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() throws IOException {
        set(Mode.REFUSED);
        threads.shutdownNow();
    }
}
