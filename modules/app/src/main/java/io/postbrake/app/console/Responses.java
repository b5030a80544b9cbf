package io.postbrake.app.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * How answers leave: compressed where the caller takes that, and not again to a caller who shows the tag of what it has. No
 * cache keeps anything: a page keeps its answers itself, until its tab is closed.
 */
final class Responses {

    private static final int WORTH_COMPRESSING = 1_000;
    private static final int NOT_MODIFIED = 304;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Responses() {}

    static void problem(HttpExchange exchange, int status, String text) throws IOException {
        json(exchange, status, JsonNodeFactory.instance.objectNode().put("problem", text));
    }

    static void json(HttpExchange exchange, int status, ObjectNode body) throws IOException {
        send(exchange, status, "application/json", MAPPER.writeValueAsBytes(body));
    }

    static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        Headers answer = exchange.getResponseHeaders();
        if (status == 200) {
            String tag = tag(body);
            answer.set("ETag", tag);
            if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(NOT_MODIFIED, -1);
                return;
            }
        }
        answer.set("Content-Type", type);
        answer.set("Vary", "Accept-Encoding");
        byte[] sent = body;
        if (body.length >= WORTH_COMPRESSING && takesGzip(exchange.getRequestHeaders())) {
            answer.set("Content-Encoding", "gzip");
            sent = compressed(body);
        }
        exchange.sendResponseHeaders(status, sent.length == 0 ? -1 : sent.length);
        exchange.getResponseBody().write(sent);
    }

    private static boolean takesGzip(Headers request) {
        return request.getOrDefault("Accept-Encoding", List.of()).stream()
                .anyMatch(value -> value.matches("(.*[, ])?gzip *(,.*)?")); // With a weight, it may be none.
    }

    private static byte[] compressed(byte[] body) throws IOException {
        var out = new ByteArrayOutputStream(body.length / 4);
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(body);
        }
        return out.toByteArray();
    }

    private static String tag(byte[] body) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
            return '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(hash) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
