package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.app.console.ConsoleConfig;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.wire.ConfluentSchemaRegistry;
import io.postbrake.wire.OperatorNotes;
import io.postbrake.wire.Topics;
import io.postbrake.wire.WireSerde;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The worst night: five hundred incidents, on a phone, in the dark, by keyboard. With {@code -Dscreenshots=true} the pictures in
 * {@code docs/console} are taken anew; what a refresh costs is in {@code target/console/refresh.txt}.
 */
@Timeout(600)
class ConsoleNightIT {

    private static final String TOKEN = "correct-horse-battery-staple";
    private static final String ACCOUNT = "sasl_user:user7@one.example";
    private static final int ACCOUNTS = 120;
    private static final int GUESSERS = 200;
    private static final int NIGHT = 500;
    private static final int ROUNDS = 300;
    private static final int MOST_BYTES = 50_000;
    /** Pictures that docs/console.md has. */
    private static final Set<String> SHOWN = Set.of(
            "night",
            "night-phone",
            "night-phone-dark",
            "night-groups-phone",
            "night-many-phone",
            "night-sure-phone",
            "account-phone",
            "phone-blocks");

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path dir;

    @Test
    void fiveHundredIncidentsOnAPhoneInTheDark() throws Exception {
        Browser.needed();
        var host = new LocalConfig.Host("mx1", Files.createFile(dir.resolve("mx1.log")), dir.resolve("mx1.lmdb"));
        var config = new LocalConfig(
                List.of(host),
                dir.resolve("data"),
                0,
                0,
                null,
                -1,
                console(),
                List.of(),
                DetectionConfig.defaults(),
                Map.of());
        try (LocalStack stack = LocalStack.start(config, part -> {});
                Browser browser = Browser.start(dir)) {
            Operator.awaits("the detector runs", stack::ready);
            attacks(host.log());
            int port = stack.consolePort();
            Operator.awaits("five hundred incidents", Duration.ofSeconds(300), () -> total(port) >= NIGHT);
            refresh(port);

            browser.isWide(Browser.PHONE);
            browser.prefers("dark");
            browser.goes("http://127.0.0.1:" + port + "/#token=" + TOKEN);
            browser.shows("open incidents", "have in common", "Choose ", "1 to 50 of ", "times are of ");
            looksRight(browser, "night-phone-dark");
            browser.prefers("light");
            browser.pictures(picture("night-phone"));

            browser.runs("document.querySelector('#f-summary').focus()");
            browser.presses("\uE007");
            browser.runs("const f = document.querySelector('#f-domain'); f.value = 'one.example';"
                    + " f.dispatchEvent(new Event('change'))");
            browser.shows("that match", "Domain: one.example");
            assertThat(browser.runs("return document.activeElement.tagName").asText())
                    .as("the focus is not lost when a filter is set")
                    .isNotEqualTo("MAIN");
            looksRight(browser, "night-filtered-phone");
            browser.goes("http://127.0.0.1:" + port + "/#/?by=network,domain,detector,hour");
            browser.shows("groups", "Show these");
            looksRight(browser, "night-groups-phone");
            browser.goes("http://127.0.0.1:" + port + "/#/?domain=one.example");
            browser.shows("that match", "Choose all");

            acknowledgesAll(browser, stack, port);
            asksBeforeManyAreBlocked(browser);
            onePage(browser, stack, port);
            everyPageFits(browser, port);
            browser.isWide(Browser.WIDE);
            browser.goes("http://127.0.0.1:" + port + "/#/");
            browser.shows("open incidents", "1 to 50 of ");
            looksRight(browser, "night");
            browser.prefers("dark");
            browser.pictures(picture("night-dark"));
            browser.goes("http://127.0.0.1:" + port + "/#/subject/sasl_user%3Anobody%40one.example");
            browser.shows("nobody@one.example", "Nothing is known of this account");
            assertThat(browser.text()).doesNotContain("sasl_user");
        }
    }

    /** By keyboard alone: all that match are chosen, and somebody looks after them. */
    private static void acknowledgesAll(Browser browser, LocalStack stack, int port) throws Exception {
        browser.runs("document.querySelector('#b-all').focus()");
        browser.presses("\uE007");
        browser.shows(ACCOUNTS / 2 + " chosen");
        browser.runs("document.querySelector('#b-act').focus()");
        browser.presses("\uE007");
        browser.shows("Say of " + ACCOUNTS / 2 + " subjects");
        looksRight(browser, "night-many-phone");
        browser.types("#many-reason", "one campaign, the team looks at it\uE007");
        browser.shows("acknowledge of " + ACCOUNTS / 2 + " subjects", "anna looks after it");
        Operator.awaits(
                "all of them are acknowledged",
                () -> get(port, "/api/open?what=incidents&state=acknowledged")
                                .path("total")
                                .asInt()
                        == ACCOUNTS / 2);
        assertThat(words(stack).keySet().stream()
                        .filter(key -> OperatorNotes.subject(key).isPresent()))
                .as("a record for each")
                .hasSize(ACCOUNTS / 2);
    }

    private static void asksBeforeManyAreBlocked(Browser browser) throws Exception {
        browser.clicks("#b-all");
        browser.clicks("#b-act");
        browser.runs(
                "const v = document.querySelector('#many-verb'); v.value = 'reject'; v.dispatchEvent(new Event('change'))");
        browser.types("#many-reason", "a mistake\uE007");
        browser.shows("Block " + ACCOUNTS / 2 + " subjects?");
        looksRight(browser, "night-sure-phone");
        browser.presses("\uE007"); // Enter is the safe answer.
        browser.runs("document.querySelector('#many').close()");
    }

    /** What is said of one account on its page: held, and its waiting mail deleted once that is meant. */
    private static void onePage(Browser browser, LocalStack stack, int port) throws Exception {
        browser.goes("http://127.0.0.1:" + port + "/#/subject/"
                + ACCOUNT.replace(":", "%3A").replace("@", "%40"));
        browser.shows("Act", "A note", "one campaign, the team looks at it");
        looksRight(browser, "account-phone");
        says(browser, "hold", "keep it until the owner called");
        browser.shows("Said at");
        Operator.awaits("the word stands", () -> words(stack).get(ACCOUNT) != null);
        assertThat(words(stack).get(ACCOUNT).getAction()).isEqualTo("hold");
        browser.shows("block by anna"); // The page is drawn anew by then.
        says(browser, "delete", "all spam");
        browser.shows("Nothing brings it back");
        assertThat(words(stack)).doesNotContainKey(OperatorNotes.queueKey(ACCOUNT));
        browser.clicks("#sure-yes");
        Operator.awaits("it is said", () -> words(stack).get(OperatorNotes.queueKey(ACCOUNT)) != null);
        assertThat(words(stack).get(OperatorNotes.queueKey(ACCOUNT)).getVerb()).isEqualTo("delete");
    }

    private static void says(Browser browser, String verb, String reason) throws Exception {
        browser.runs("const v = document.querySelector('#verb'); v.value = '" + verb
                + "'; v.dispatchEvent(new Event('change'))");
        browser.types("#reason", reason + "\uE007");
    }

    private static void everyPageFits(Browser browser, int port) throws Exception {
        Map<String, String> pages = new TreeMap<>(Map.of(
                "#/blocks", "blocks in force",
                "#/blocks?what=words", "operators' word",
                "#/hosts", "Entries in its map",
                "#/search/user1", "Found for",
                "#/subject/client_ip%3A198.18.3.7", "198.18.3.7"));
        for (Map.Entry<String, String> page : pages.entrySet()) {
            browser.goes("http://127.0.0.1:" + port + "/" + page.getKey());
            browser.shows(page.getValue());
            looksRight(browser, "phone" + page.getKey().replaceAll("[^a-z]+", "-"));
        }
    }

    /** Nothing lies beyond the edge, and axe has nothing against it. */
    private static void looksRight(Browser browser, String name) throws Exception {
        browser.pictures(picture(name));
        assertThat(browser.beyond()).as("pixels beyond the edge of %s", name).isZero();
        assertThat(browser.axeFindings()).as("axe on %s", name).isEmpty();
    }

    /** What the incidents page asks for every five seconds: its bytes on the wire, and the server's time for them. */
    private void refresh(int port) throws Exception {
        var paths = List.of("/api/me", "/api/open?what=incidents&size=50", "/api/hosts?brief=1", "/api/ended");
        Map<String, String> tags = new HashMap<>();
        int first = 0;
        for (String path : paths) {
            HttpResponse<byte[]> answer = ask(port, path, null);
            tags.put(path, answer.headers().firstValue("ETag").orElseThrow());
            first += size(answer);
        }
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("incidents", total(port));
        told.put("bytes of a first look", first);
        for (boolean changed : new boolean[] {true, false}) {
            String what = changed ? "when all is new" : "when nothing is new";
            rounds(port, paths, changed ? Map.of() : tags); // Compiled by now.
            long bytes = 0;
            long spent = 0;
            for (String path : paths) {
                Map<Long, Long> before = cpu();
                for (int i = 0; i < ROUNDS; i++) {
                    HttpResponse<byte[]> answer = ask(port, path, changed ? null : tags.get(path));
                    bytes += size(answer);
                    tags.put(path, answer.headers().firstValue("ETag").orElseThrow());
                }
                long micros = spent(before) / ROUNDS / 1000;
                told.put("CPU of " + path + " in µs " + what, micros);
                spent += micros;
            }
            told.put("CPU of a refresh in µs " + what, spent);
            told.put("bytes of a refresh " + what, bytes / ROUNDS);
            assertThat(bytes / ROUNDS).as("bytes %s", what).isLessThan(MOST_BYTES);
        }
        Path file = Path.of("target/console/refresh.txt");
        Files.createDirectories(file.getParent());
        Files.writeString(file, told.toString().replace(", ", "\n") + "\n");
        assertThat(first).isLessThan(MOST_BYTES);
    }

    private static void rounds(int port, List<String> paths, Map<String, String> tags) throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            for (String path : paths) {
                ask(port, path, tags.get(path));
            }
        }
    }

    /** Body and head, roughly. */
    private static int size(HttpResponse<byte[]> answer) {
        return answer.body().length
                + answer.headers().map().entrySet().stream()
                        .mapToInt(header -> header.toString().length() + 2)
                        .sum();
    }

    /** What each of the console's threads has used so far, in ns. */
    private static Map<Long, Long> cpu() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Map<Long, Long> used = new HashMap<>();
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null
                    && (thread.getThreadName().startsWith("console")
                            || thread.getThreadName().startsWith("HTTP-Dispatcher"))) {
                used.put(thread.getThreadId(), threads.getThreadCpuTime(thread.getThreadId()));
            }
        }
        return used;
    }

    private static long spent(Map<Long, Long> before) {
        return cpu().entrySet().stream()
                .mapToLong(thread -> thread.getValue() - before.getOrDefault(thread.getKey(), 0L))
                .sum();
    }

    /** Stolen accounts of two domains that send from one network, and addresses all over that guess. */
    private static void attacks(Path file) throws IOException {
        var log = new MailLog(file);
        Instant start = Instant.now().minusSeconds(120);
        for (int message = 0; message < 56; message++) {
            for (int account = 0; account < ACCOUNTS; account++) {
                String login = "user" + account + "@" + (account % 2 == 0 ? "two.example" : "one.example");
                log.message(start.plusSeconds(2L * message), login, "203.0.113." + account);
            }
        }
        for (int failure = 0; failure < 12; failure++) {
            for (int guesser = 0; guesser < GUESSERS; guesser++) {
                log.failure(
                        start.plusSeconds(2L * failure),
                        "name" + guesser + "@three.example",
                        "198." + (18 + guesser / 250) + "." + guesser % 250 + ".7");
            }
        }
        log.write();
    }

    private ConsoleConfig console() throws IOException {
        Path tokens = dir.resolve("operators");
        Files.writeString(tokens, "anna " + TOKEN + "\n");
        return ConsoleConfig.of(
                Map.of("console", Map.of("port", 0, "operator.token.file", tokens.toString())), Map.of());
    }

    private static int total(int port) {
        return get(port, "/api/open?what=incidents").path("total").asInt();
    }

    private static JsonNode get(int port, String path) {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .header("Authorization", "Bearer " + TOKEN);
            return MAPPER.readTree(HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray())
                    .body());
        } catch (IOException e) {
            return MAPPER.createObjectNode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<byte[]> ask(int port, String path, String tagOrNull) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Accept-Encoding", "gzip, deflate, br");
        if (tagOrNull != null) {
            request.header("If-None-Match", tagOrNull);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** What stands on the overrides topic. */
    private static Map<String, OperatorOverride> words(LocalStack stack) {
        var registry = ConfluentSchemaRegistry.connect(
                stack.access().registryUrl(), stack.access().registry());
        Map<String, OperatorOverride> words = new HashMap<>();
        try (var consumer = new KafkaConsumer<>(
                new HashMap<String, Object>(stack.access().kafka()),
                new StringDeserializer(),
                WireSerde.of(registry, OperatorOverride.class).deserializer())) {
            var partitions = consumer.partitionsFor(Topics.OVERRIDES.name()).stream()
                    .map(part -> new TopicPartition(part.topic(), part.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(part -> consumer.position(part) < ends.get(part))) {
                consumer.poll(Duration.ofMillis(200)).forEach(word -> words.put(word.key(), word.value()));
            }
        }
        return words;
    }

    private static Path picture(String name) {
        boolean shown = Boolean.getBoolean("screenshots") && SHOWN.contains(name);
        Path folder = shown ? Path.of("../../docs/console") : Path.of("target/console");
        return folder.resolve(name + ".png");
    }
}
