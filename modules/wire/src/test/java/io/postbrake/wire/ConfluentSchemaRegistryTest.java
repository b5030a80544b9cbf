package io.postbrake.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfluentSchemaRegistryTest {
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicReference<Throwable> thrown = new AtomicReference<>();
    private volatile int status = 503;
    private volatile String refusal = "{\"error_code\":50001,\"message\":\"no\"}";
    private volatile String goodAnswer = "[\"b\",\"a\"]";
    private final AtomicReference<String> authorization = new AtomicReference<>();
    private HttpServer server;
    private String url;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 10);
        server.createContext("/", exchange -> {
            authorization.set(exchange.getRequestHeaders().getFirst("Authorization"));
            boolean refuse = refusals.getAndDecrement() > 0;
            String body = refuse ? refusal : goodAnswer;
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(refuse ? status : 200, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Timeout(30)
    @ParameterizedTest
    @ValueSource(ints = {401, 429, 500, 503})
    void repeatsWhatWasRefusedForNow(int refusal) {
        // Given
        status = refusal;
        refusals.set(2);
        ConfluentSchemaRegistry registry = ConfluentSchemaRegistry.connect(url, Map.of());
        // When, Then
        assertThat(registry.subjects()).containsExactly("a", "b");
        assertThat(registry.retries()).isEqualTo(2);
    }

    @Test
    void doesNotRepeatWhatWasRefusedForGood() {
        // Given
        status = 422;
        refusals.set(1);
        ConfluentSchemaRegistry registry = ConfluentSchemaRegistry.connect(url, Map.of());
        // When, Then
        assertThatThrownBy(registry::subjects).isInstanceOf(BadRecordException.class);
        assertThat(registry.retries()).isZero();
    }

    @Timeout(30)
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"schema\":\"{}\",\"schemaType\":\"JSON\"}",
                "{\"schema\":\"nonsense\"}",
                "{\"schema\":\"{\\\"type\\\":\\\"record\\\"}\"}"
            })
    void callsASchemaBadThatIsNotAvro(String answer) {
        // Given
        goodAnswer = answer;
        ConfluentSchemaRegistry registry = ConfluentSchemaRegistry.connect(url, Map.of());
        // When, Then
        assertThatThrownBy(() -> registry.schemaById(1)).isInstanceOf(BadRecordException.class);
    }

    @Test
    void stopsWaitingWhenInterrupted() throws Exception {
        // Given
        ConfluentSchemaRegistry registry = ConfluentSchemaRegistry.connect(url, Map.of());
        Thread caller = waiting(registry);
        // When
        caller.interrupt();
        caller.join(10_000);
        // Then
        assertThat(thrown.get()).isInstanceOf(RegistryWaitEnded.class);
    }

    @Test
    void stopsWaitingWhenClosed() throws Exception {
        // Given
        ConfluentSchemaRegistry registry = ConfluentSchemaRegistry.connect(url, Map.of());
        Thread caller = waiting(registry);
        // When
        registry.close();
        caller.join(10_000);
        // Then
        assertThat(thrown.get()).isInstanceOf(RegistryWaitEnded.class);
    }

    /** What a proxy says whose registry is away, with a status that a registry gives for an unknown id. */
    @Timeout(30)
    @ParameterizedTest
    @ValueSource(strings = {"<html><body>default backend - 404</body></html>", "", "{\"message\":\"no upstream\"}"})
    void doesNotTakeAProxysWordForTheRegistrys(String page) {
        // Given
        status = 404;
        refusal = page;
        refusals.set(2);
        ConfluentSchemaRegistry registry = ConfluentSchemaRegistry.connect(url, Map.of());
        // When, Then
        assertThat(registry.subjects()).containsExactly("a", "b");
        assertThat(registry.retries()).isEqualTo(2);
    }

    @Test
    void believesTheRegistryThatAnIdIsUnknown() {
        // Given
        status = 404;
        refusal = "{\"error_code\":40403,\"message\":\"Schema 7 not found\"}";
        refusals.set(1);
        ConfluentSchemaRegistry registry = ConfluentSchemaRegistry.connect(url, Map.of());
        // When, Then
        assertThatThrownBy(() -> registry.schemaById(7)).isInstanceOf(BadRecordException.class);
        assertThat(registry.retries()).isZero();
    }

    private Thread waiting(ConfluentSchemaRegistry registry) throws InterruptedException {
        refusals.set(Integer.MAX_VALUE);
        Thread caller = new Thread(registry::subjects);
        caller.setUncaughtExceptionHandler((thread, e) -> thrown.set(e));
        caller.start();
        while (registry.retries() == 0) {
            Thread.sleep(10);
        }
        return caller;
    }

    @Test
    void sendsItsCredentials() {
        // Given
        Map<String, String> security =
                Map.of("basic.auth.credentials.source", "USER_INFO", "basic.auth.user.info", "postbrake:secret");
        // When
        ConfluentSchemaRegistry.connect(url, security).subjects();
        // Then
        assertThat(authorization.get()).isEqualTo("Basic cG9zdGJyYWtlOnNlY3JldA==");
    }
}
