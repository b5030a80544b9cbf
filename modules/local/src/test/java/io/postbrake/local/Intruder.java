package io.postbrake.local;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Somebody with a login on the mail server tries all doors of {@code up} and the lock of the map, again and again until he is
 * ended. Prints a line an attempt: its name, and what came of it. A program of its own, so that it can run as another user.
 */
final class Intruder {

    static final String REFUSED = "refused";
    static final String DONE = "DONE";
    /** An account that he would like to see blocked. */
    static final String VICTIM = "owner@my-domain.net";

    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Map<String, String> target;
    private final Map<String, Object> login = new HashMap<>();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    private Intruder(Map<String, String> target) {
        this.target = target;
    }

    /** NAME=VALUE of: data, map, broker, registry, console, syslog; and client, a file with a login, to try with it. */
    public static void main(String[] args) throws Exception {
        Map<String, String> target = new HashMap<>();
        for (String arg : args) {
            target.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
        }
        var intruder = new Intruder(target);
        if (target.containsKey("client")) {
            var file = new Properties();
            try (InputStream in = Files.newInputStream(Path.of(target.get("client")))) {
                file.load(in);
            }
            file.forEach((key, value) -> intruder.login.put(key.toString(), value));
        }
        for (int round = 0; ; round++) {
            intruder.triesAll();
            System.out.println("round " + round);
        }
    }

    private interface Attempt {
        /** False or an exception: he got nowhere. */
        boolean made() throws Exception;
    }

    private void triesAll() throws Exception {
        tries("topics", this::listsTopics);
        for (String topic : List.of("abuse.overrides.v1", "abuse.blocks.v1", "abuse.control.v1")) {
            tries("write " + topic, () -> writes(topic));
        }
        tries("registry", () -> answers("GET", target.get("registry"), "/subjects", null));
        tries(
                "schema",
                () -> answers(
                        "POST",
                        target.get("registry"),
                        "/subjects/x-value/versions",
                        "{\"schema\":\"\\\"string\\\"\"}"));
        tries("console", () -> answers("GET", target.get("console"), "/api/open", null));
        tries(
                "console act",
                () -> answers(
                        "POST",
                        target.get("console"),
                        "/api/override",
                        "{\"subject\":\"" + VICTIM + "\",\"verb\":\"block\",\"reason\":\"x\"}"));
        tries("syslog", this::injects);
        for (String below : List.of(
                "",
                "access/secret",
                "access/client.properties",
                "access/console.token",
                "state",
                "broker",
                "detector",
                "shipper-mx1")) {
            tries("file " + below, () -> reads(Path.of(target.get("data")).resolve(below)));
        }
        tries("map", () -> reads(Path.of(target.get("map"))));
        tries("lock to read", () -> holds(StandardOpenOption.READ, true));
        tries("lock to write", () -> holds(StandardOpenOption.WRITE, false));
        tries("flock", this::flocks);
        tries("replace the map", () -> Files.deleteIfExists(Path.of(target.get("map"))));
    }

    private static void tries(String what, Attempt attempt) {
        String outcome;
        try {
            outcome = attempt.made() ? DONE : REFUSED;
        } catch (Exception e) {
            outcome = REFUSED + " " + e.getClass().getSimpleName();
        }
        System.out.println(what + ": " + outcome);
    }

    private Map<String, Object> client() {
        Map<String, Object> settings = new HashMap<>(login);
        settings.put("bootstrap.servers", "127.0.0.1:" + target.get("broker"));
        settings.put("request.timeout.ms", "4000");
        settings.put("default.api.timeout.ms", "8000");
        return settings;
    }

    private boolean listsTopics() throws Exception {
        try (Admin admin = Admin.create(client())) {
            return !admin.listTopics().names().get().isEmpty();
        }
    }

    private boolean writes(String topic) throws Exception {
        Map<String, Object> settings = client();
        settings.put("max.block.ms", "8000");
        settings.put("delivery.timeout.ms", "8000");
        settings.put("linger.ms", "0");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, "sasl_user:" + VICTIM, "x"))
                    .get(10, TimeUnit.SECONDS);
            return true;
        }
    }

    private boolean answers(String method, String port, String path, String bodyOrNull) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        bodyOrNull == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(bodyOrNull))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() < 400;
    }

    /**
     * Twelve failed logins of an address would have it blocked, and sixty messages the victim. That the listener takes the
     * bytes says nothing: whether somebody was blocked, the test looks at.
     */
    private boolean injects() throws IOException {
        var lines = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            String head = "<22>1 " + Instant.now() + " mx1 postfix/submission/smtpd 7 - - ";
            lines.append(head)
                    .append("5B")
                    .append(1000 + i)
                    .append("D: client=unknown[203.0.113.66], sasl_method=PLAIN, ")
                    .append("sasl_username=" + VICTIM + "\n");
            lines.append(head).append("warning: unknown[203.0.113.67]: SASL LOGIN authentication failed: x\n");
        }
        try (var socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(target.get("syslog"))),
                    2000);
            socket.getOutputStream().write(lines.toString().getBytes(StandardCharsets.UTF_8));
            return false;
        }
    }

    private static boolean reads(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            try (var list = Files.list(path)) {
                return list.count() > 0;
            }
        }
        try (FileChannel in = FileChannel.open(path, StandardOpenOption.READ)) {
            return in.read(ByteBuffer.allocate(1)) == 1;
        }
    }

    /** As measured on an earlier build: an operator's block waited for 54 s behind such a lock. */
    private boolean holds(StandardOpenOption how, boolean shared) throws Exception {
        try (FileChannel channel = FileChannel.open(Path.of(target.get("map")), how)) {
            var lock = channel.lock(0, Long.MAX_VALUE, shared);
            Thread.sleep(PATIENCE.toMillis());
            lock.release();
            return true;
        }
    }

    private boolean flocks() throws Exception {
        Process flock = new ProcessBuilder("flock", "--shared", target.get("map"), "sleep", "5")
                .redirectErrorStream(true)
                .start();
        flock.getInputStream().readAllBytes();
        return flock.waitFor() == 0;
    }
}
