package io.postbrake.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * Answers HTTP requests on one address. A client that sends half a request, sends it slowly or does not read its answer
 * cannot keep others from theirs: a few threads work, a request is handed to its handler when it is there whole, and as soon
 * as somebody waits for a thread, those that still wait for a client give theirs back. The numbers of connections, bytes of
 * a request and seconds that it may take are bounded.
 */
public final class HttpListener implements AutoCloseable {

    /** Most bytes of a request's body. */
    public static final int LONGEST_BODY = 4 << 20;

    /** Bounds of the JDK's server, which it reads once a process: what is set on the command line stands over these. */
    private static final Map<String, String> LIMITS = Map.of(
            "sun.net.httpserver.maxReqTime", "10", // seconds for a request to come whole
            "sun.net.httpserver.maxRspTime", "60", // seconds for an answer to go
            "sun.net.httpserver.maxReqHeaders", "100",
            "jdk.httpserver.maxConnections", "500",
            "sun.net.httpserver.nodelay", "true");

    static {
        LIMITS.forEach((name, value) -> {
            if (System.getProperty(name) == null) {
                System.setProperty(name, value);
            }
        });
    }

    private final HttpServer server;
    private final RequestThreads threads;

    private HttpListener(HttpServer server, RequestThreads threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * Takes the address; nothing is answered before {@link #start}.
     *
     * @param name of the threads
     * @throws IOException naming the address, when it cannot be had
     */
    public static HttpListener bind(String name, InetSocketAddress address) throws IOException {
        HttpServer server;
        try {
            server = HttpServer.create(address, 128);
        } catch (IOException e) {
            throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
        var threads = new RequestThreads(name);
        server.setExecutor(threads);
        return new HttpListener(server, threads);
    }

    /** Answers requests for {@code path}, and for what is below it and has no handler of its own, by {@code handler}. */
    public HttpListener on(String path, HttpHandler handler) {
        server.createContext(path, exchange -> {
            if (whole(exchange)) {
                handler.handle(exchange);
            }
        });
        return this;
    }

    /** Reads the body, so that a handler never waits for a client. Whether there is something to handle. */
    private boolean whole(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(LONGEST_BODY + 1);
        if (!threads.received()) {
            exchange.close();
            return false;
        }
        if (body.length > LONGEST_BODY) {
            try (exchange) {
                exchange.sendResponseHeaders(413, -1);
            }
            return false;
        }
        exchange.setStreams(new ByteArrayInputStream(body), null);
        return true;
    }

    /** Begins to answer. */
    public HttpListener start() {
        server.start();
        return this;
    }

    /** The address that was taken, with its port. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Port that was taken. */
    public int port() {
        return address().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
