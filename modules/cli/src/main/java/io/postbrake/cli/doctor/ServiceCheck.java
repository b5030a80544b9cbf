package io.postbrake.cli.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Whether the service runs and is at work, whether its ports are its own, and how full its heap is. */
final class ServiceCheck {

    private static final String SERVICE = "service";
    private static final String PORTS = "ports";
    private static final String HEAP = "heap";
    private static final int PATIENCE_MS = 5000;
    private static final int MOST = 16 << 20;
    private static final double FULL = 0.9;
    private static final int LONGEST = 500;
    private static final Pattern HEAP_BYTES =
            Pattern.compile("(?m)^jvm_memory_(used|max)_bytes\\{[^}]*area=\"(heap|nonheap)\"[^}]*} ([-0-9.eE+]+)$");

    private final Installation there;
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
            String named = all.entrySet().stream()
                    .filter(each -> each.getValue() > 0)
                    .map(each -> each.getKey() + " " + each.getValue())
                    .collect(Collectors.joining(", "));
            found.add(Symptom.ok(PORTS, named + (free ? ": free" : ": somebody listens, as it should be")));
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

    /** Null when nobody answers. The JDK's newer client would cost more processor time than all the rest of the command. */
    private Page get(String path) {
        HttpURLConnection connection = null;
        try {
            URL url = new URL("http", "127.0.0.1", there.http(), path);
            connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(PATIENCE_MS);
            connection.setReadTimeout(PATIENCE_MS);
            int status = connection.getResponseCode();
            try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                String text = in == null ? "" : new String(in.readNBytes(MOST), StandardCharsets.UTF_8).strip();
                boolean sentence = path.equals("/health");
                return new Page(status, sentence ? text.substring(0, Math.min(LONGEST, text.length())) : text);
            }
        } catch (IOException e) {
            return null;
        } finally {
            if (connection != null) {
                connection.disconnect();
            }
        }
    }
}
