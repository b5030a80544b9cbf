package io.postbrake.policysink;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.sun.net.httpserver.HttpExchange;
import io.postbrake.http.HttpListener;
import io.postbrake.subject.IpNetwork;
import io.postbrake.subject.Logins;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers Dovecot's auth policy (allow and report, over HTTP) by the same table that Dovecot may read itself: whether an account
 * may be read from an address. It asks nobody and waits for nothing. Of a question it takes three words; a password's hash, where
 * one is sent, is passed over and never kept.
 */
final class AuthPolicy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AuthPolicy.class);
    private static final byte[] GO_ON = "{\"status\":0,\"msg\":\"\"}".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REFUSED =
            ("{\"status\":-1,\"msg\":\"This mailbox is limited to its usual places for now;"
                            + " contact your postmaster\"}")
                    .getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST = 16 << 10;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(LONGEST)
                    .maxNestingDepth(8)
                    .build())
            .build();

    private final AuthPolicyConfig config;
    private final PolicyTable table;
    private final Clock clock;
    private final HttpListener server;
    private final AtomicLong asked = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong strangers = new AtomicLong();
    private final AtomicLong reported = new AtomicLong();
    private final AtomicLong longestMicros = new AtomicLong();

    private AuthPolicy(AuthPolicyConfig config, PolicyTable table, Clock clock) throws IOException {
        this.config = config;
        this.table = table;
        this.clock = clock;
        server = HttpListener.bind("dovecot-auth-policy", config.listen());
        server.on("/", this::handle);
        server.start();
        LOG.info(
                "Answering Dovecot's auth policy at http://{}:{}/",
                config.listen().getHostString(),
                server.port());
    }

    /**
     * Begins to answer; null where that was not chosen.
     *
     * @param table of the accounts that are narrowed, of which any thread may read entries
     * @throws IOException naming the address, when it cannot be had
     */
    static AuthPolicy startOrNull(AuthPolicyConfig config, PolicyTable table, Clock clock) throws IOException {
        return config.listens() ? new AuthPolicy(config, table, clock) : null;
    }

    /**
     * What Dovecot says of a login.
     *
     * @param login as Dovecot has it, or null
     * @param protocol name of the service, or null
     * @param remote the client's address, or null
     */
    record Question(String login, String protocol, String remote) {}

    private void handle(HttpExchange exchange) throws IOException {
        long began = System.nanoTime();
        try (exchange) {
            String given = exchange.getRequestHeaders().getFirst(AuthPolicyConfig.HEADER);
            if (given == null || !MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), config.secret())) {
                strangers.incrementAndGet();
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            if (!exchange.getRequestMethod().equals("POST")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            boolean report = "command=report".equals(exchange.getRequestURI().getRawQuery());
            byte[] answer = report ? reported() : answer(exchange.getRequestBody());
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        } finally {
            longestMicros.accumulateAndGet((System.nanoTime() - began) / 1000, Math::max);
        }
    }

    /** What came of a login stands in the log, which is read. */
    private byte[] reported() {
        reported.incrementAndGet();
        return GO_ON;
    }

    private byte[] answer(InputStream body) {
        asked.incrementAndGet();
        try {
            if (!refuses(question(body))) {
                return GO_ON;
            }
        } catch (IOException | RuntimeException e) {
            if (failures.getAndIncrement() == 0) {
                // What was asked is not shown: it may hold a hash of a password.
                LOG.warn(
                        "a question of Dovecot's auth policy has no answer ({}); such logins {} from now on",
                        e.getClass().getSimpleName(),
                        config.refuses() ? "are refused" : "go on");
            }
            if (!config.refuses()) {
                return GO_ON;
            }
        }
        refused.incrementAndGet();
        return REFUSED;
    }

    private boolean refuses(Question question) throws IOException {
        if (question.login() == null || question.protocol() == null || question.remote() == null) {
            throw new IOException("it names no login, protocol or remote");
        }
        String key = question.protocol().toLowerCase(Locale.ROOT) + "/" + Logins.foldAscii(question.login());
        Entry entry = table.entries(List.of(key)).get(key);
        if (entry == null || entry.ended(clock.millis())) {
            return false;
        }
        IpNetwork remote =
                IpNetwork.parse(question.remote()).orElseThrow(() -> new IOException("its remote is no address"));
        for (String net : entry.reply().split(",")) {
            if (IpNetwork.parse(net).filter(remote::overlaps).isPresent()) {
                return false;
            }
        }
        return true;
    }

    /** Three words of the object; all else is passed over. */
    static Question question(InputStream body) throws IOException {
        String login = null;
        String protocol = null;
        String remote = null;
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("it is no object");
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                boolean text = parser.nextToken() == JsonToken.VALUE_STRING;
                switch (text ? name : "") {
                    case "login" -> login = parser.getText();
                    case "protocol" -> protocol = parser.getText();
                    case "remote" -> remote = parser.getText();
                    default -> parser.skipChildren();
                }
            }
        }
        return new Question(login, protocol, remote);
    }

    /** Logins that were asked about. */
    long asked() {
        return asked.get();
    }

    /** Of these, those that were refused. */
    long refused() {
        return refused.get();
    }

    /** Questions that have no answer. */
    long failures() {
        return failures.get();
    }

    /** Requests without the secret. */
    long strangers() {
        return strangers.get();
    }

    /** Logins whose outcome was reported. */
    long reports() {
        return reported.get();
    }

    /** Microseconds of the slowest answer since the start. */
    long longestMicros() {
        return longestMicros.get();
    }

    /** Port that it is asked at. */
    int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
    }
}
