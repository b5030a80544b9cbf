package io.postbrake.cli.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether the service runs and is at work, whether its ports are its own, and how full its heap is. */
final class ServiceCheck {

    private static final String SERVICE = "service";
    private static final String PORTS = "ports";
    private static final String HEAP = "heap";
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final double FULL = 0.9;
    private static final int LONGEST = 500;
    private static final Pattern HEAP_BYTES =
            Pattern.compile("(?m)^jvm_memory_(used|max)_bytes\\{[^}]*area=\"(heap|nonheap)\"[^}]*} ([-0-9.eE+]+)$");

    private final Installation there;
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();
    private final List<Symptom> found = new ArrayList<>();

    private ServiceCheck(Installation there) {
        this.there = there;
    }

    static List<Symptom> of(Installation there) {
        var check = new ServiceCheck(there);
        check.look();
        return check.found;
    }

    private void look() {
        if (there.http() <= 0) {
            found.add(Symptom.warn(
                    SERVICE,
                    "http.port is " + there.http() + ": whether it runs cannot be asked",
                    "give http.port a number, or ask `systemctl status " + there.unit() + "`"));
            return;
        }
        Page health = get("/health");
        if (health == null) {
            taken(true);
            found.add(Symptom.warn(
                    SERVICE,
                    "nobody answers at 127.0.0.1:" + there.http() + ": it does not run",
                    "systemctl start " + there.unit() + "; journalctl -u " + there.unit() + " says why it ended"));
        } else if (!health.text().isEmpty() && health.status() == 200) {
            taken(false);
            found.add(Symptom.ok(SERVICE, "it runs, and says: " + health.text()));
            heap();
        } else {
            taken(false);
            found.add(Symptom.fail(
                    SERVICE,
                    "it runs and is not at work: " + health.text() + " (status " + health.status() + ")",
                    "journalctl -u " + there.unit() + "; docs/failures.md has what its sentences mean"));
            heap();
        }
    }

    /** A port of a service that does not run must be free; of one that runs, somebody must listen there. */
    private void taken(boolean free) {
        Map<String, Integer> all = new TreeMap<>(there.ports());
        if (free) {
            all.put("http.port", there.http());
        }
        List<String> wrong = new ArrayList<>();
        all.forEach((key, port) -> {
            if (port > 0 && isFree(port) != free) {
                wrong.add(key + " " + port);
            }
        });
        if (wrong.isEmpty()) {
            found.add(Symptom.ok(PORTS, all + (free ? " are free" : " are its own")));
        } else if (free) {
            found.add(Symptom.fail(
                    PORTS,
                    "another program listens at " + String.join(", ", wrong),
                    "`ss -ltnp` names it; end that, or give another port"));
        } else {
            found.add(Symptom.fail(
                    PORTS,
                    "it runs, and nobody listens at " + String.join(", ", wrong),
                    "is this the file that it runs by? Restart it after a change"));
        }
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void heap() {
        Page metrics = get("/metrics");
        if (metrics == null || metrics.status() != 200) {
            return;
        }
        double used = 0;
        double most = 0;
        Matcher each = HEAP_BYTES.matcher(metrics.text());
        while (each.find()) {
            if (each.group(2).equals("heap")) {
                double bytes = Math.max(0, Double.parseDouble(each.group(3)));
                used += each.group(1).equals("used") ? bytes : 0;
                most += each.group(1).equals("max") ? bytes : 0;
            }
        }
        if (most > 0) {
            String seen = "%.0f of %.0f MiB in use, with what the next collection frees"
                    .formatted(used / (1 << 20), most / (1 << 20));
            found.add(
                    used < FULL * most
                            ? Symptom.ok(HEAP, seen)
                            : Symptom.warn(
                                    HEAP,
                                    seen,
                                    "look again in a minute; if it stays, give it more: JAVA_OPTS=-Xmx1g in a drop-in of the"
                                            + " unit, and MemoryMax with it"));
        }
    }

    private record Page(int status, String text) {}

    /** Null when nobody answers. */
    private Page get(String path) {
        try {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + there.http() + path))
                            .timeout(PATIENCE)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            String text = response.body().strip();
            boolean sentence = path.equals("/health");
            return new Page(
                    response.statusCode(), sentence ? text.substring(0, Math.min(LONGEST, text.length())) : text);
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
