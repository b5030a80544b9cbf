package io.postbrake.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpListenerTest {
    private static final int LARGE = 32 << 20;

    private final List<Socket> clients = new ArrayList<>();
    private HttpListener listener;

    @BeforeEach
    void listen() throws IOException {
        listener = HttpListener.bind("test", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .on("/health", exchange -> answer(exchange, "alive".getBytes(StandardCharsets.UTF_8)))
                .on("/large", exchange -> answer(exchange, new byte[LARGE]))
                .on(
                        "/echo",
                        exchange -> answer(exchange, exchange.getRequestBody().readAllBytes()))
                .start();
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        listener.close();
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /health HTTP/1.1\r\nHost: ", // in the middle of the headers
                "G", // in the middle of the first line
                "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: 1\r\n", // before the end of the headers
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf" // in the middle of the body
            })
    void whoeverSendsHalfARequestKeepsNobodyFromAnAnswer(String half) throws Exception {
        // Given
        for (int i = 0; i < 5 * RequestThreads.THREADS; i++) {
            connect(half);
        }
        // When
        HttpResponse<String> answer = get("/health");
        // Then
        assertThat(answer.body()).isEqualTo("alive");
    }

    @Test
    void whoeverDoesNotReadItsAnswerKeepsNobodyFromAnother() throws Exception {
        // Given
        for (int i = 0; i < RequestThreads.THREADS + 2; i++) {
            connect("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        // When
        HttpResponse<String> answer = get("/health");
        // Then
        assertThat(answer.body()).isEqualTo("alive");
    }

    @Test
    void aRequestInPiecesIsAnswered() throws Exception {
        // Given
        Socket client = connect("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n");
        // When
        client.getOutputStream().write("\r\nab".getBytes(StandardCharsets.UTF_8));
        client.getOutputStream().flush();
        client.getOutputStream().write("cd".getBytes(StandardCharsets.UTF_8));
        // Then
        String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).startsWith("HTTP/1.1 200").endsWith("\r\n\r\nabcd");
    }

    @Test
    void aBodyBeyondTheBoundIsRefused() throws Exception {
        // When
        int status = post("/echo", new byte[HttpListener.LONGEST_BODY + 1]).statusCode();
        // Then
        assertThat(status).isEqualTo(413);
    }

    @Test
    void aBodyUpToTheBoundComesWhole() throws Exception {
        // Given
        byte[] body = "a".repeat(HttpListener.LONGEST_BODY).getBytes(StandardCharsets.US_ASCII);
        // When
        HttpResponse<String> answer = post("/echo", body);
        // Then
        assertThat(answer.body()).hasSize(HttpListener.LONGEST_BODY);
    }

    @Test
    void anAddressThatIsTakenIsNamed() {
        // When, Then
        assertThatThrownBy(() -> HttpListener.bind("second", listener.address()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(String.valueOf(listener.port()));
    }

    private Socket connect(String request) throws IOException {
        var client = new Socket(InetAddress.getLoopbackAddress(), listener.port());
        clients.add(client);
        client.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        client.getOutputStream().flush();
        return client;
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(request(path).GET());
    }

    private HttpResponse<String> post(String path, byte[] body) throws Exception {
        return send(request(path).POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path))
                .timeout(Duration.ofSeconds(30));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
