package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.testkit.FreePort;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real headless Chromium, driven by the W3C WebDriver protocol. */
final class Browser implements AutoCloseable {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
    static final int WIDE = 1280;
    static final int PHONE = 390;
    private static final String AXE = axe();
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(30);

    private final ObjectMapper mapper = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Process driver;
    private final String base;
    private String session = "";
    private int width = WIDE;

    private Browser(Process driver, int port) {
        this.driver = driver;
        this.base = "http://127.0.0.1:" + port;
    }

    static void needed() {
        assumeTrue(
                Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER),
                "needs Debian's packages chromium and chromium-driver");
    }

    static Browser start(Path dir) throws Exception {
        int port = FreePort.next();
        var process = new ProcessBuilder(DRIVER.toString(), "--port=" + port)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("chromedriver.log").toFile())
                .start();
        var browser = new Browser(process, port);
        try {
            Operator.awaits("chromedriver listens", browser::listens);
            browser.open(dir);
        } catch (Exception | Error e) {
            browser.close();
            throw e;
        }
        return browser;
    }

    private boolean listens() {
        try {
            return http.send(
                                    HttpRequest.newBuilder(URI.create(base + "/status"))
                                            .build(),
                                    bytes())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void open(Path dir) throws Exception {
        var options = Map.of(
                "binary",
                CHROMIUM.toString(),
                "args",
                List.of(
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--hide-scrollbars",
                        "--user-data-dir=" + dir.resolve("chromium"),
                        "--window-size=1280,900"));
        JsonNode opened = post(
                "/session",
                Map.of(
                        "capabilities",
                        Map.of(
                                "alwaysMatch",
                                Map.of(
                                        "browserName",
                                        "chrome",
                                        "goog:chromeOptions",
                                        options,
                                        "goog:loggingPrefs",
                                        Map.of("browser", "ALL")))));
        session = "/session/" + opened.path("sessionId").asText();
    }

    void goes(String url) throws Exception {
        post(session + "/url", Map.of("url", url));
    }

    /** What a script returns. */
    JsonNode runs(String script) throws Exception {
        return post(session + "/execute/sync", Map.of("script", script, "args", List.of()));
    }

    /** Waits until the page's text has all of these. */
    void shows(String... texts) throws Exception {
        long end = System.nanoTime() + PATIENCE_NS;
        String text = text();
        while (!List.of(texts).stream().allMatch(text::contains)) {
            assertThat(System.nanoTime())
                    .as("the page shows %s, but is: %s", List.of(texts), text)
                    .isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(100);
            text = text();
        }
    }

    String text() throws Exception {
        return runs("return document.body.innerText").asText();
    }

    void clicks(String css) throws Exception {
        post(session + "/element/" + element(css) + "/click", Map.of());
    }

    /** Types as a person does; \uE007 is Enter. */
    void types(String css, String text) throws Exception {
        post(session + "/element/" + element(css) + "/value", Map.of("text", text));
    }

    /** Types into what has the focus. */
    void presses(String keys) throws Exception {
        JsonNode focused = send("GET", session + "/element/active", null);
        post(session + "/element/" + focused.path(ELEMENT).asText() + "/value", Map.of("text", keys));
    }

    private String element(String css) throws Exception {
        long end = System.nanoTime() + PATIENCE_NS;
        while (true) {
            JsonNode found = post(session + "/elements", Map.of("using", "css selector", "value", css));
            if (!found.isEmpty()) {
                return found.path(0).path(ELEMENT).asText();
            }
            assertThat(System.nanoTime()).as("there is %s", css).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    void prefers(String scheme) throws Exception {
        cdp(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** From now on a window of this width, in CSS pixels. */
    void isWide(int pixels) throws Exception {
        width = pixels;
        cdp(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", pixels, "height", 844, "deviceScaleFactor", 1, "mobile", pixels < WIDE));
    }

    /** How many pixels of the page lie beyond the window's right edge. */
    int beyond() throws Exception {
        return runs("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                .asInt();
    }

    /** What axe-core finds wrong with the page for people who do not see it, or use no mouse. */
    List<String> axeFindings() throws Exception {
        runs(AXE);
        JsonNode found = post(
                session + "/execute/async",
                Map.of(
                        "script",
                        "const done = arguments[0]; axe.run(document, { resultTypes: ['violations'] }).then((r) =>"
                                + " done(r.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html}`))))",
                        "args",
                        List.of()));
        return mapper.convertValue(found, List.class).stream()
                .map(String::valueOf)
                .toList();
    }

    private static String axe() {
        try (InputStream in = Browser.class.getResourceAsStream("/axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the browser itself complained about, such as a breach of the page's security policy. */
    List<String> complaints() throws Exception {
        JsonNode entries = post(session + "/se/log", Map.of("type", "browser"));
        return mapper.convertValue(entries, List.class).stream()
                .map(String::valueOf)
                .toList();
    }

    /** The whole page as a picture. */
    void pictures(Path png) throws Exception {
        int height = runs("return Math.min(1900, document.documentElement.scrollHeight)")
                .asInt();
        cdp(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < WIDE));
        runs("window.scrollTo(0, 0)");
        TimeUnit.MILLISECONDS.sleep(200);
        JsonNode picture = send("GET", session + "/screenshot", null);
        Files.createDirectories(png.getParent());
        Files.write(png, Base64.getDecoder().decode(picture.asText()));
        isWide(width);
    }

    private void cdp(String command, Map<String, Object> parameters) throws Exception {
        post(session + "/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
    }

    private JsonNode post(String path, Map<String, ?> body) throws Exception {
        return send("POST", path, mapper.valueToTree(body));
    }

    private JsonNode send(String method, String path, ObjectNode bodyOrNull) throws Exception {
        var body = bodyOrNull == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(bodyOrNull.toString());
        var answer = http.send(
                HttpRequest.newBuilder(URI.create(base + path))
                        .method(method, body)
                        .build(),
                bytes());
        JsonNode value = mapper.readTree(answer.body()).path("value");
        assertThat(answer.statusCode())
                .as("%s: %s", path, value.path("message").asText())
                .isEqualTo(200);
        return value;
    }

    private static HttpResponse.BodyHandler<byte[]> bytes() {
        return HttpResponse.BodyHandlers.ofByteArray();
    }

    @Override
    public void close() throws InterruptedException {
        try {
            if (!session.isEmpty()) {
                send("DELETE", session, null);
            }
        } catch (Exception e) {
            // The driver takes its browser along.
        }
        driver.destroy();
        driver.waitFor(10, TimeUnit.SECONDS);
    }
}
