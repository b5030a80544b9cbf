package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.policysink.PolicyMap;
import io.postbrake.settings.ClusterAccess;
import io.postbrake.testkit.MmdbWriter;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever is on call looks at a theft and ends it, in a real Chromium. With {@code -Dscreenshots=true} the pictures in
 * {@code docs/console} are taken anew.
 */
@Timeout(240)
class ConsoleIT {

    private static final String TOKEN = "correct-horse-battery-staple";
    private static final String HOSTILE = "<img src=x onerror=document.title='owned'>";
    private static final String THIEF_IP = "201.91.101.26";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path dir;

    @Test
    void aTheftIsSeenUnderstoodAndEnded() throws Exception {
        Browser.needed();
        var mx1 = host("mx1");
        var mx2 = host("mx2");
        var log = new MailLog(mx1.log());
        writeHistory(log);
        Path places = dir.resolve("places.mmdb");
        writePlaces(places);
        var config = new LocalConfig(
                List.of(mx1, mx2),
                dir.resolve("data"),
                0,
                0,
                null,
                -1,
                console(),
                List.of(places),
                DetectionConfig.defaults(),
                Map.of());
        try (LocalStack stack = LocalStack.start(config, part -> {});
                Browser browser = Browser.start(dir)) {
            Operator.awaits("the detector runs", stack::ready);
            String url = "http://127.0.0.1:" + stack.consolePort();
            log.write();
            browser.goes(url + "/");
            browser.shows("only to those who have a token");
            browser.goes(url + "/#token=" + token());
            browser.shows("Nothing is open.");
            assertThat(browser.runs("return location.href").asText())
                    .as("the address, as it would stay in a history")
                    .doesNotContain("token");
            browser.goes(url + "/#/search/anna");
            browser.shows("anna@my-domain.net");
            browser.goes(url + "/");
            browser.shows("Nothing is open.");

            steals(log);
            browser.shows("1 open incident", Thief.ACCOUNT, "critical");
            String reference = confirms(log, stack);
            browser.shows("refused on mx1");
            browser.pictures(picture("incidents"));

            browser.clicks("nav a[data-page=hosts]");
            browser.shows("Blocks hold on all 2 hosts", "mx1", "1 of 1 confirmed by its log", Thief.ACCOUNT);
            browser.shows("mx2", "0 of 1 confirmed by its log");
            browser.pictures(picture("hosts"));
            browser.goes(url + "/");
            browser.shows("1 open incident");

            browser.clicks("article a");
            browser.shows(
                    "mx1\tconfirmed by its log",
                    "mx2\tin its map",
                    "Where it logged in",
                    "Sao Paulo, BR",
                    "Hamburg, DE",
                    "Evidence",
                    "impossible-travel",
                    "usual");
            assertThat(browser.runs("return document.querySelectorAll('svg .strange').length")
                            .asInt())
                    .as("places that are not usual")
                    .isEqualTo(1);
            assertThat(browser.runs("return document.querySelectorAll('svg .bar.over').length")
                            .asInt())
                    .as("hours beyond what is usual")
                    .isPositive();
            browser.pictures(picture("account"));
            browser.prefers("dark");
            browser.pictures(picture("account-dark"));
            browser.prefers("light");

            browser.clicks("nav a[data-page=blocks]");
            browser.shows("1 block in force", "pb:", "mx1 refused ", "mx2 has it ");
            browser.pictures(picture("blocks"));

            browser.types("#q", HOSTILE.toLowerCase(Locale.ROOT) + "\uE007");
            browser.shows("Found for", "onerror");
            assertThat(browser.runs("return document.querySelectorAll('main img').length")
                            .asInt())
                    .as("what a log says stays text")
                    .isZero();
            assertThat(browser.runs("try { document.body.innerHTML = '<b>x</b>'; return 'done' } catch (e) { return"
                                    + " e.name }")
                            .asText())
                    .as("the page's policy lets nobody make markup of text")
                    .isEqualTo("TypeError");

            browser.goes(url + "/#/subject/" + encoded("sasl_user:" + Thief.ACCOUNT));
            browser.shows("give your operator's token");
            browser.clicks("#token");
            browser.types("#ask-token", "not-the-right-token\uE007");
            browser.shows("That is no operator's token.");
            browser.clicks("#token");
            browser.types("#ask-token", TOKEN);
            browser.clicks("#ask button[value=use]");
            browser.shows("kept with your name, anna");
            assertThat(browser.runs("return document.querySelector('#verb').value")
                            .asText())
                    .as("what is preselected changes nothing")
                    .isEqualTo("acknowledge");
            browser.clicks("#act button");
            browser.shows("Said at", "A note", "anna looks after it");
            browser.runs(
                    "const v = document.querySelector('#verb'); v.value = 'unblock'; v.dispatchEvent(new Event('change'))");
            browser.types("#reason", "password changed, sessions ended");
            browser.pictures(picture("act"));
            browser.types("#reason", "\uE007");
            browser.shows("Unblock " + Thief.ACCOUNT + "?", "A thief who still has the password is let in");
            browser.pictures(picture("sure"));
            browser.presses("\uE007");
            browser.shows("Nothing was said.");
            browser.clicks("#act button");
            browser.clicks("#sure-yes");

            browser.shows("Said at");
            Operator.awaits(
                    "both hosts let the owner in",
                    () -> PolicyMap.read(mx1.map(), Thief.ACCOUNT).isEmpty()
                            && PolicyMap.read(mx2.map(), Thief.ACCOUNT).isEmpty());
            browser.shows("no open incident", "An earlier incident", "released by anna");
            browser.clicks("details summary");
            browser.shows("km from Hamburg to Sao Paulo", "refused or held on mx1", "Sao Paulo, BR");
            assertThat(browser.runs("return document.querySelectorAll('svg .bar.over').length")
                            .asInt())
                    .as("what was sent stays in the picture after the release")
                    .isPositive();
            browser.pictures(picture("ended"));
            browser.types("#q", "[pb:" + reference + "]\uE007");
            browser.shows("Found for", Thief.ACCOUNT, "critical, ended ");
            browser.goes(url + "/");
            browser.shows("Nothing is open.", "Ended lately", Thief.ACCOUNT, "released by anna");
            browser.pictures(picture("calm"));
            assertThat(browser.complaints().stream().filter(c -> c.contains("Content Security Policy")))
                    .allMatch(c -> c.contains("TrustedHTML"));
        }
    }

    @Test
    void onlyOurOwnPageUnderOurOwnNameMayCallAndOnlyOperatorsMayAct() throws Exception {
        var mx1 = host("mx1");
        var config = new LocalConfig(
                List.of(mx1),
                dir.resolve("data"),
                0,
                0,
                null,
                -1,
                console(),
                List.of(),
                DetectionConfig.defaults(),
                Map.of());
        try (LocalStack stack = LocalStack.start(config, part -> {})) {
            Operator.awaits("the detector runs", stack::ready);
            int port = stack.consolePort();
            String order = "{\"key\":\"sasl_user:anna@my-domain.net\",\"verb\":\"unblock\",\"reason\":\"test\"}";

            assertThat(statusUnderName(port, "evil.example:" + port)).isEqualTo(421);
            assertThat(statusUnderName(port, "localhost:" + port)).isEqualTo(401);
            assertThat(get(port, "/api/open").statusCode())
                    .as("another user of this machine")
                    .isEqualTo(401);
            assertThat(get(port, "/api/open", "Authorization", "Bearer " + token())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(says(port, order).statusCode()).as("no token").isEqualTo(401);
            assertThat(says(port, order, "Authorization", "Bearer " + token()).statusCode())
                    .as("operators are others here")
                    .isEqualTo(403);
            assertThat(says(port, order, "Authorization", "Bearer wrong-wrong-wrong-wrong")
                            .statusCode())
                    .isEqualTo(401);
            assertThat(says(port, order, "Authorization", "Bearer " + TOKEN, "Origin", "http://evil.example")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(says(port, order, "Authorization", "Bearer " + TOKEN, "Content-Type", "text/plain")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(says(port, "{\"verb\":\"unblock\"}", "Authorization", "Bearer " + TOKEN)
                            .statusCode())
                    .isEqualTo(400);
            assertThat(says(port, order, "Authorization", "Bearer " + TOKEN).body())
                    .contains("\"actor\":\"anna\"");
            assertThat(get(port, "/runbooks/stolen-account").body())
                    .contains(
                            "<h1>Runbook: an account is being used by somebody else</h1>",
                            "<code>postbrake list</code>");
            assertThat(get(port, "/runbooks/..%2Fconsole.js").statusCode()).isEqualTo(404);
            assertThat(get(port, "/").headers().firstValue("Content-Security-Policy"))
                    .hasValueSatisfying(policy -> assertThat(policy).contains("default-src 'none'"));
        }
    }

    private ConsoleConfig console() throws IOException {
        Path tokens = dir.resolve("operators");
        Files.writeString(tokens, "anna " + TOKEN + "\n");
        return ConsoleConfig.of(
                Map.of("console", Map.of("port", 0, "operator.token.file", tokens.toString())), Map.of());
    }

    private LocalConfig.Host host(String id) throws IOException {
        return new LocalConfig.Host(id, Files.createFile(dir.resolve(id + ".log")), dir.resolve(id + ".lmdb"));
    }

    /** Two working weeks; the owner of the account that is stolen writes from Hamburg, up to today. */
    private static void writeHistory(MailLog log) {
        var random = new Random(20260509);
        String[] users = {"anna", "ben", "chris", "dora", "emil", "user"};
        Instant start = Instant.now().minus(Duration.ofDays(14));
        for (int hour = 0; hour < 14 * 24 - 1; hour++) {
            int ofDay = hour % 24;
            for (int u = 0; u < users.length; u++) {
                int messages = ofDay < 9 ? random.nextInt(3) : 0;
                for (int i = 0; i < messages; i++) {
                    Instant at = start.plus(Duration.ofHours(hour)).plusSeconds(random.nextInt(3500));
                    String ip = random.nextInt(5) == 0 ? "192.0.2." + (10 + u) : "84.130.7." + (10 + u);
                    log.message(at, users[u] + "@my-domain.net", ip);
                }
            }
        }
        log.message(Instant.now().minus(Duration.ofMinutes(50)), Thief.ACCOUNT, "84.130.7.15");
        log.message(Instant.now().minus(Duration.ofMinutes(45)), HOSTILE, "84.130.7.99");
    }

    private static void steals(MailLog log) throws IOException {
        Instant start = Instant.now().minusSeconds(20);
        for (int i = 0; i < 80; i++) {
            log.message(start.plusMillis(250L * i), Thief.ACCOUNT, THIEF_IP);
        }
        log.write();
    }

    private String confirms(MailLog log, LocalStack stack) throws Exception {
        JsonNode subject = new ObjectMapper()
                .readTree(get(
                                stack.consolePort(),
                                "/api/subject?key=" + encoded("sasl_user:" + Thief.ACCOUNT),
                                "Authorization",
                                "Bearer " + token())
                        .body());
        String reference = subject.path("block").path("reference").asText();
        assertThat(reference).isNotEmpty();
        log.refusal(Instant.now(), Thief.ACCOUNT, THIEF_IP, reference);
        log.write();
        return reference;
    }

    private static void writePlaces(Path file) throws IOException {
        MmdbWriter.write(
                file,
                "GeoLite2-City",
                Map.of(
                        "84.128.0.0/10", place("DE", "Hamburg", 53.55, 9.99),
                        "192.0.2.0/24", place("DE", "Berlin", 52.52, 13.40),
                        "201.91.0.0/16", place("BR", "Sao Paulo", -23.55, -46.63)));
    }

    private static Map<String, Object> place(String country, String city, double latitude, double longitude) {
        return Map.of(
                "country", Map.of("iso_code", country),
                "city", Map.of("names", Map.of("en", city)),
                "location", Map.of("latitude", latitude, "longitude", longitude, "accuracy_radius", 50));
    }

    private static Path picture(String name) {
        Path folder = Boolean.getBoolean("screenshots") ? Path.of("../../docs/console") : Path.of("target/console");
        return folder.resolve(name + ".png");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static HttpResponse<String> get(int port, String path, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** What root or the service's user reads: a viewer's token, since this console has operators of its own. */
    private String token() throws IOException {
        return Files.readString(ClusterAccess.consoleToken(dir.resolve("data")))
                .replace("console ", "")
                .strip();
    }

    private static HttpResponse<String> says(int port, String order, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/override"))
                .POST(HttpRequest.BodyPublishers.ofString(order))
                .header("Content-Type", "application/json");
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Java's own client sets the name itself. */
    private static int statusUnderName(int port, String name) throws IOException {
        try (var socket = new Socket("127.0.0.1", port)) {
            String request = "GET /api/me HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Integer.parseInt(answer.split(" ", 3)[1]);
        }
    }
}
