package io.postbrake.embedded;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import io.postbrake.http.HttpListener;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A small Confluent-compatible schema registry on loopback, for one machine; its schemas live in one file. */
public final class EmbeddedRegistry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRegistry.class);
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpListener server;
    private final SchemaStore store;
    private final byte[] authorizationOrNull;

    private EmbeddedRegistry(HttpListener server, SchemaStore store, Login loginOrNull) {
        authorizationOrNull =
                loginOrNull == null ? null : loginOrNull.basicAuthorization().getBytes(StandardCharsets.US_ASCII);
        this.server = server;
        this.store = store;
    }

    /**
     * Starts listening on 127.0.0.1.
     *
     * @param file where the schemas are kept; made when it is missing
     * @param port port, or 0 for any that is free
     */
    public static EmbeddedRegistry start(Path file, int port) {
        return begin(file, port, null);
    }

    /** As above, closed to everybody who does not have the login. */
    public static EmbeddedRegistry start(Path file, int port, Login login) {
        return begin(file, port, login);
    }

    private static EmbeddedRegistry begin(Path file, int port, Login loginOrNull) {
        try {
            SchemaStore store = SchemaStore.open(file);
            var address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
            HttpListener server = HttpListener.bind("schema-registry", address);
            EmbeddedRegistry registry = new EmbeddedRegistry(server, store, loginOrNull);
            server.on("/", registry::serve).start();
            return registry;
        } catch (IOException e) {
            throw new IllegalStateException(
                    "cannot start the schema registry on 127.0.0.1:" + port + " with file " + file + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /** Address for {@code schema.registry.url}. */
    public String url() {
        return "http://127.0.0.1:" + server.port();
    }

    @Override
    public void close() {
        server.close();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            int status = 200;
            Object body;
            try {
                requireLogin(exchange);
                body = answer(exchange);
            } catch (Refusal e) {
                status = e.code / (e.code >= 1000 ? 100 : 1);
                body = Map.of("error_code", e.code, "message", e.getMessage());
            } catch (JsonProcessingException e) {
                status = 422;
                body = Map.of("error_code", 422, "message", "the body is not JSON");
            } catch (IOException | RuntimeException e) {
                LOG.error("The schema registry failed to answer", e);
                status = 500;
                body = Map.of("error_code", 50001, "message", "internal error");
            }
            byte[] bytes = JSON.writeValueAsBytes(body);
            exchange.getResponseHeaders().set("Content-Type", MEDIA_TYPE);
            exchange.sendResponseHeaders(status, bytes.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        }
    }

    private void requireLogin(HttpExchange exchange) {
        if (authorizationOrNull == null) {
            return;
        }
        String given = exchange.getRequestHeaders().getFirst("Authorization");
        byte[] bytes = given == null ? new byte[0] : given.getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(bytes, authorizationOrNull)) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"postbrake\"");
            throw new Refusal(401, "this registry is closed: user and secret are in the file client.properties");
        }
    }

    private Object answer(HttpExchange exchange) throws IOException {
        List<String> path = Arrays.stream(exchange.getRequestURI().getRawPath().split("/"))
                .filter(part -> !part.isEmpty())
                .map(part -> URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8))
                .toList();
        String first = path.isEmpty() ? "" : path.get(0);
        String last = path.isEmpty() ? "" : path.get(path.size() - 1);
        String route = exchange.getRequestMethod() + " " + first + " " + path.size();
        switch (route) {
            case "GET  0":
                return Map.of();
            case "GET subjects 1":
                return store.subjects();
            case "POST subjects 2":
                return store.lookUp(path.get(1), schemaIn(exchange));
            case "GET subjects 3":
                if (last.equals("versions")) {
                    return store.versions(path.get(1));
                }
                break;
            case "POST subjects 3":
                if (last.equals("versions")) {
                    return Map.of("id", store.register(path.get(1), schemaIn(exchange)));
                }
                break;
            case "GET subjects 4":
                if (path.get(2).equals("versions")) {
                    return store.version(path.get(1), last);
                }
                break;
            case "GET schemas 3":
                if (path.get(1).equals("ids")) {
                    return Map.of("schema", store.schemaById(number(last)));
                }
                break;
            case "GET config 1":
            case "GET config 2":
                return Map.of("compatibilityLevel", store.level(path.size() == 2 ? last : null));
            case "PUT config 1":
            case "PUT config 2":
                String level = body(exchange).path("compatibility").asText();
                store.setLevel(path.size() == 2 ? last : null, level);
                return Map.of("compatibility", level);
            case "POST compatibility 4":
            case "POST compatibility 5":
                if (path.get(1).equals("subjects") && path.get(3).equals("versions")) {
                    String version = path.size() == 5 ? last : null;
                    List<String> problems = store.incompatibilities(path.get(2), version, schemaIn(exchange));
                    return Map.of("is_compatible", problems.isEmpty(), "messages", problems);
                }
                break;
            default:
                break;
        }
        throw new Refusal(404, "no such resource");
    }

    private static Schema schemaIn(HttpExchange exchange) throws IOException {
        JsonNode body = body(exchange);
        if (!body.path("schemaType").asText("AVRO").equals("AVRO")) {
            throw new Refusal(42201, "only Avro schemas are kept here");
        }
        try {
            return new Schema.Parser().parse(body.path("schema").asText());
        } catch (AvroRuntimeException e) {
            throw new Refusal(42201, "not a valid Avro schema: " + e.getMessage());
        }
    }

    private static JsonNode body(HttpExchange exchange) throws IOException {
        return JSON.readTree(exchange.getRequestBody());
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new Refusal(404, "not a number");
        }
    }

    /** An answer other than 200, with the error code that Confluent's registry would give. */
    static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int code;

        Refusal(int code, String message) {
            super(message);
            this.code = code;
        }
    }
}
