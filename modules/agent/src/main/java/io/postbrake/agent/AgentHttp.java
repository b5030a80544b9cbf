package io.postbrake.agent;

import com.sun.net.httpserver.HttpExchange;
import io.postbrake.http.HttpListener;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Health and metrics of the agent. Kafka keeps its metrics in JMX; the rules in {@code metrics.yaml} give them names. */
final class AgentHttp implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AgentHttp.class);

    private final HttpListener server;

    private AgentHttp(HttpListener server) {
        this.server = server;
    }

    static AgentHttp serve(String host, int port, Supplier<List<String>> problems) throws IOException {
        var metrics = new PrometheusRegistry();
        ConnectMetrics.show(metrics);
        var server = HttpListener.bind("agent-http", new InetSocketAddress(host, port));
        server.on("/metrics", exchange -> {
            try {
                var text = new ByteArrayOutputStream();
                PrometheusTextFormatWriter.create().write(text, metrics.scrape());
                answer(exchange, 200, text.toByteArray());
            } catch (RuntimeException e) {
                LOG.warn("Cannot show metrics", e);
                answer(exchange, 500, "cannot show metrics, see the log");
            }
        });
        server.on("/health/live", exchange -> answer(exchange, 200, "alive"));
        server.on("/health/ready", exchange -> ready(exchange, problems));
        // Also what is below it and has no context of its own: that is unknown.
        server.on("/health", exchange -> {
            if (exchange.getRequestURI().getPath().matches("/health/?")) {
                ready(exchange, problems);
            } else {
                answer(exchange, 404, "there are /health, /health/live, /health/ready and /metrics");
            }
        });
        server.start();
        return new AgentHttp(server);
    }

    private static void ready(HttpExchange exchange, Supplier<List<String>> problems) throws IOException {
        List<String> wrong = problems.get();
        answer(exchange, wrong.isEmpty() ? 200 : 503, wrong.isEmpty() ? "ready" : String.join("\n", wrong));
    }

    int port() {
        return server.port();
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        answer(exchange, status, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        try (exchange) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
