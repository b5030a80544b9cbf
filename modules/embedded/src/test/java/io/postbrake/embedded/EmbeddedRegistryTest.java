package io.postbrake.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRegistryTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ONE = "{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}";
    private static final String TWO =
            "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"long\"}]}";

    @TempDir
    Path dir;

    private EmbeddedRegistry registry;

    @BeforeEach
    void start() {
        registry = EmbeddedRegistry.start(dir.resolve("schemas.json"), 0);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void givesOneIdToOneSchemaUnderManySubjects() throws Exception {
        // Given
        send("POST", "/subjects/a/versions", schema(ONE));
        // When
        HttpResponse<String> other = send("POST", "/subjects/b%20%2F+c/versions", schema(ONE));
        // Then
        assertThat(json(other).path("id").asInt()).isEqualTo(1);
        assertThat(send("GET", "/subjects", "").body()).isEqualTo("[\"a\",\"b /+c\"]");
        assertThat(json(send("GET", "/subjects/a/versions/latest", ""))
                        .path("version")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void answersWithConfluentsErrorCodes() throws Exception {
        send("POST", "/subjects/a/versions", schema(ONE));
        assertRefused(send("POST", "/subjects/a/versions", schema(TWO)), 409, 409);
        assertRefused(send("POST", "/subjects/none", schema(ONE)), 404, 40401);
        assertRefused(send("POST", "/subjects/a", schema(TWO)), 404, 40403);
        assertRefused(send("GET", "/subjects/a/versions/7", ""), 404, 40402);
        assertRefused(send("GET", "/schemas/ids/7", ""), 404, 40403);
        assertRefused(send("POST", "/subjects/a/versions", schema("{")), 422, 42201);
        assertRefused(send("POST", "/subjects/a/versions", "{"), 422, 422);
        assertRefused(send("PUT", "/config/a", "{\"compatibility\":\"SOME\"}"), 422, 42203);
        assertRefused(send("DELETE", "/subjects/a", ""), 404, 404);
    }

    @Test
    void checksEachVersionOnlyUnderATransitiveLevel() throws Exception {
        // Given
        String optional = TWO.replace("\"long\"", "[\"null\",\"long\"],\"default\":null");
        send("PUT", "/config/a", "{\"compatibility\":\"NONE\"}");
        send("POST", "/subjects/a/versions", schema(ONE));
        send("POST", "/subjects/a/versions", schema(optional));
        // When
        send("PUT", "/config/a", "{\"compatibility\":\"BACKWARD_TRANSITIVE\"}");
        HttpResponse<String> all = send("POST", "/compatibility/subjects/a/versions", schema(TWO));
        send("PUT", "/config/a", "{\"compatibility\":\"FORWARD\"}");
        HttpResponse<String> newest = send("POST", "/compatibility/subjects/a/versions", schema(TWO));
        // Then
        assertThat(json(all).path("is_compatible").asBoolean()).isFalse();
        assertThat(json(newest).path("is_compatible").asBoolean()).isTrue();
    }

    @Test
    void refusesAFileThatIsNotItsOwn() throws Exception {
        // Given
        Path file = Files.writeString(dir.resolve("other.json"), "garbage");
        // When, Then
        assertThatThrownBy(() -> EmbeddedRegistry.start(file, 0)).hasMessageContaining("other.json");
        assertThat(file).hasContent("garbage");
    }

    private static void assertRefused(HttpResponse<String> response, int status, int code) throws Exception {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(json(response).path("error_code").asInt()).isEqualTo(code);
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(registry.url() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response) throws Exception {
        return JSON.readTree(response.body());
    }

    private static String schema(String text) throws Exception {
        return JSON.writeValueAsString(Map.of("schema", text));
    }
}
