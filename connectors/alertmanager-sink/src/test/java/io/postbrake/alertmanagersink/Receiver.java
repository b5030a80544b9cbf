package io.postbrake.alertmanagersink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/** Somebody on loopback who takes posts, answers as told, and remembers what came. */
final class Receiver implements AutoCloseable {

    record Post(String path, String authorization, String body, int status) {
        JsonNode json() {
            try {
                return new ObjectMapper().readTree(body);
            } catch (IOException e) {
                throw new AssertionError("no JSON: " + body, e);
            }
        }
    }

    final List<Post> posts = new CopyOnWriteArrayList<>();
    volatile Function<String, Integer> answer = body -> 200;
    private final HttpServer server;

    Receiver() throws IOException {
        this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    /** One who is spoken to over TLS only, and wants to see the client's certificate when {@code mutual}. */
    static Receiver tls(SSLContext context, boolean mutual) throws IOException {
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                var ssl = context.getDefaultSSLParameters();
                ssl.setNeedClientAuth(mutual);
                parameters.setSSLParameters(ssl);
            }
        });
        return new Receiver(server);
    }

    private Receiver(HttpServer server) {
        this.server = server;
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            int status = answer.apply(body);
            posts.add(new Post(
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders().getFirst("Authorization"),
                    body,
                    status));
            byte[] reply = "\u001b[31mwhatever".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, reply.length);
            exchange.getResponseBody().write(reply);
            exchange.close();
        });
        server.start();
    }

    String url() {
        return (server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:"
                + server.getAddress().getPort();
    }

    List<Post> taken() {
        return posts.stream().filter(p -> p.status() < 300).toList();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
