package io.postbrake.app.console;

import static io.postbrake.app.console.Responses.json;
import static io.postbrake.app.console.Responses.problem;
import static io.postbrake.app.console.Responses.send;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import io.postbrake.http.HttpListener;
import io.postbrake.streams.DetectorTopology;
import io.postbrake.streams.OpenIncidentIndex;
import io.postbrake.subject.Logins;
import io.postbrake.wire.SchemaRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.state.HostInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The page for whoever is on call: what stands, one subject's story, and, for operators, the word to say. */
public final class Console implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Console.class);
    private static final int LONGEST_BODY = 200_000;
    private static final String HERE = "here";
    private static final String RUNBOOKS = "/runbooks/";
    private static final Map<String, String> FILES = Map.of(
            "/", "index.html",
            "/console.css", "console.css",
            "/console.js", "console.js",
            "/lists.js", "lists.js",
            "/acts.js", "acts.js",
            "/pieces.js", "pieces.js",
            "/charts.js", "charts.js",
            "/world.js", "world.js",
            "/icon.svg", "icon.svg");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private final ObjectMapper mapper = new ObjectMapper();
    private final Guard guard;
    private final ConsoleConfig config;
    private final int partitions;
    private final HttpListener server;
    private final HostInfo self;
    private final Stores stores;
    private final Subjects subjects;
    private final Past past;
    private final Hosts hosts;
    private final Notes notes;
    private final CaseList cases;
    private final Peers peers;
    private final Timeline timeline;
    private final Words words;
    private final Runbooks runbooks = new Runbooks();

    private Console(
            ConsoleConfig config,
            int partitions,
            Supplier<KafkaStreams> streams,
            OpenIncidentIndex cases,
            Map<String, Object> consumer,
            Map<String, Object> producer,
            SchemaRegistry registry)
            throws IOException {
        this.config = config;
        this.partitions = partitions;
        guard = new Guard(config);
        server = HttpListener.bind("console", new InetSocketAddress(config.address(), config.port()))
                .on("/", this::handle);
        self = HostInfo.buildFromEndpoint(advertised());
        stores = new Stores(streams);
        past = new Past(stores, cases);
        notes = new Notes(consumer, registry);
        subjects = new Subjects(stores, cases, past, notes);
        hosts = new Hosts(stores);
        this.cases = new CaseList(stores, cases, notes);
        peers = new Peers(
                streams,
                self,
                List.of(DetectorTopology.SUBJECT_STATES, DetectorTopology.HOSTS),
                config.viewers().first());
        timeline = new Timeline(consumer, registry);
        words = new Words(producer, registry, notes);
    }

    /**
     * Serves the console; {@link #close} ends it.
     *
     * @param partitions partition count of the topics by subject, so that a page can say when a part is missing
     * @param streams null until the topology was started
     * @param consumer settings of a Kafka consumer
     * @param producer settings of a Kafka producer
     */
    public static Console start(
            ConsoleConfig config,
            int partitions,
            Supplier<KafkaStreams> streams,
            OpenIncidentIndex cases,
            Map<String, Object> consumer,
            Map<String, Object> producer,
            SchemaRegistry registry)
            throws IOException {
        var console = new Console(config, partitions, streams, cases, consumer, producer, registry);
        console.server.start();
        return console;
    }

    /** Port it listens on. */
    public int port() {
        return server.port();
    }

    /** host:port by which other instances reach it: Streams' {@code application.server}. */
    public String advertised() {
        return config.advertised() != null
                ? config.advertised()
                : config.address().getHostAddress() + ":" + port();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            headers(exchange);
            String path = exchange.getRequestURI().getPath();
            if (!guard.isOurName(exchange)) {
                problem(exchange, 421, "this console is not known by the name in the Host header; see console.hosts");
            } else if (FILES.containsKey(path)) {
                file(exchange, FILES.get(path));
            } else if (path.startsWith(RUNBOOKS)) {
                runbook(exchange, path.substring(RUNBOOKS.length()));
            } else if (path.startsWith("/api/")) {
                api(exchange, path.substring("/api/".length()));
            } else {
                problem(exchange, 404, "there is no such page");
            }
        }
    }

    private static void headers(HttpExchange exchange) {
        var headers = exchange.getResponseHeaders();
        headers.set(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                        + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
    }

    private void file(HttpExchange exchange, String name) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")) {
            problem(exchange, 405, "only GET");
            return;
        }
        try (InputStream in = Console.class.getResourceAsStream("/console/" + name)) {
            send(exchange, 200, TYPES.get(name.substring(name.lastIndexOf('.') + 1)), in.readAllBytes());
        }
    }

    /** No secret: they are the same everywhere, and whoever follows an alert's link needs no token. */
    private void runbook(HttpExchange exchange, String name) throws IOException {
        String page = runbooks.page(name);
        if (page == null) {
            problem(exchange, 404, "there is no such runbook");
        } else {
            send(exchange, 200, TYPES.get("html"), page.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void api(HttpExchange exchange, String name) throws IOException {
        if (!guard.mayLook(exchange.getRequestHeaders())) {
            problem(exchange, 401, "a token is needed to look");
            return;
        }
        try {
            if (name.equals("override")) {
                say(exchange);
            } else if (!exchange.getRequestMethod().equals("GET")) {
                problem(exchange, 405, "only GET");
            } else {
                look(exchange, name);
            }
        } catch (IllegalArgumentException e) {
            problem(exchange, 400, e.getMessage());
        } catch (NotNow e) {
            problem(exchange, 503, e.getMessage());
        } catch (KafkaException e) {
            LOG.warn("The console could not answer {}", name, e);
            problem(exchange, 503, "Kafka does not answer as it should: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem(exchange, 503, "the detector is stopping");
        } catch (RuntimeException e) {
            LOG.error("The console failed to answer {}", name, e);
            problem(exchange, 500, "an error of ours; the detector's log has it");
        }
    }

    private void look(HttpExchange exchange, String name) throws IOException, InterruptedException {
        Query query = Query.of(exchange.getRequestURI().getRawQuery());
        boolean local = query.value(HERE) != null;
        notes.begin();
        switch (name) {
            case "me" -> json(exchange, 200, me(exchange));
            case "open" -> json(exchange, 200, open(query, local));
            case "keys" -> json(exchange, 200, keys(query, local));
            case "ended" ->
                json(exchange, 200, whole(answer("incidents", past.newest()), "incidents", "/api/ended", local));
            case "hosts" -> json(exchange, 200, hosts(query.value("brief") != null, local));
            case "blocks" -> json(exchange, 200, blocks(query, local));
            case "search" -> {
                String text = Logins.fold(query.needed("q").strip()); // As subjects are named.
                json(
                        exchange,
                        200,
                        whole(subjects.find(text), "subjects", "/api/search?q=" + Query.encoded(text), local));
            }
            case "subject" -> one(exchange, query.needed("key"), local);
            case "timeline" -> json(exchange, 200, timeline.of(query.needed("account")));
            default -> problem(exchange, 404, "there is no such question");
        }
    }

    /** A page of what is open. */
    private ObjectNode open(Query query, boolean local) {
        CaseFilter filter = CaseFilter.of(query);
        if (local) {
            return withPartitions(cases.of(filter, CasePage.ofPeer(query)));
        }
        CasePage page = CasePage.of(query);
        if (!peers.areThere()) {
            return complete(withPartitions(cases.of(filter, page)), List.of());
        }
        ObjectNode own = withPartitions(cases.of(filter, page.fromBegin()));
        Map<String, String> asked = new HashMap<>(page.asked());
        asked.put(HERE, "1");
        List<ObjectNode> others = others(own, "/api/open?" + query.with(asked));
        return CaseList.joined(own, others, page);
    }

    /** Keys of all that a filter takes, for an act on all of them. */
    private ObjectNode keys(Query query, boolean local) {
        ArrayNode keys = cases.keys(CaseFilter.of(query), CasePage.of(query), Words.MOST_AT_ONCE);
        return whole(answer("keys", keys), "keys", "/api/keys?" + query.with(Map.of()), local);
    }

    private ObjectNode me(HttpExchange exchange) {
        ObjectNode me = mapper.createObjectNode();
        me.put("acting", !config.operators().isEmpty());
        me.put("operator", guard.operator(exchange.getRequestHeaders()));
        me.put("instance", advertised());
        return me;
    }

    /** Mail hosts as they told, and what the watch over them has to say; {@code brief}: without what takes long to count. */
    private ObjectNode hosts(boolean brief, boolean local) {
        ObjectNode all = whole(
                answer("hosts", hosts.all(brief)).put("watched", hosts.hasWatch()),
                "hosts",
                "/api/hosts" + (brief ? "?brief=1" : ""),
                local);
        if (!local) {
            all.set("hosts", Hosts.joined(all.get("hosts"), "hostId"));
        }
        return all;
    }

    /** Blocks in the maps of hosts: those of the subjects in {@code keys}, which line ends part. */
    private ObjectNode blocks(Query query, boolean local) {
        List<String> keys = Arrays.asList(query.needed("keys").split("\n", -1));
        ObjectNode all =
                whole(answer("blocks", hosts.blocks(keys)), "blocks", "/api/blocks?" + query.with(Map.of()), local);
        if (!local) {
            all.set("blocks", Hosts.joined(all.get("blocks"), "key", "blockId"));
        }
        return all;
    }

    private ObjectNode answer(String name, ArrayNode list) {
        ObjectNode answer = mapper.createObjectNode();
        answer.set(name, list);
        return withPartitions(answer);
    }

    private ObjectNode withPartitions(ObjectNode answer) {
        ArrayNode partitions = answer.putArray("partitions");
        stores.partitions().forEach(partitions::add);
        return answer;
    }

    /** This instance's answer, unless it alone is asked, with the lists of the others, and with what is missing from them. */
    private ObjectNode whole(ObjectNode own, String list, String path, boolean local) {
        if (!local) {
            ArrayNode all = (ArrayNode) own.get(list);
            for (ObjectNode answer : others(own, path + (path.contains("?") ? "&" : "?") + HERE + "=1")) {
                answer.path(list).forEach(all::add);
                if (answer.path("watched").asBoolean()) {
                    own.put("watched", true);
                }
            }
        }
        return own;
    }

    /** Answers of the others to {@code path}; how much of the whole there is with them is put in this instance's own. */
    private List<ObjectNode> others(ObjectNode own, String path) {
        List<ObjectNode> answers = new ArrayList<>();
        ArrayNode silent = own.putArray("silent");
        peers.all(path).forEach((host, answer) -> {
            if (answer == null) {
                silent.add(host);
            } else {
                answers.add(answer);
            }
        });
        complete(own, answers);
        return answers;
    }

    private ObjectNode complete(ObjectNode own, List<ObjectNode> others) {
        var seen = new TreeSet<Integer>();
        own.path("partitions").forEach(partition -> seen.add(partition.asInt()));
        others.forEach(answer -> answer.path("partitions").forEach(partition -> seen.add(partition.asInt())));
        own.withArray("/silent");
        own.put("answered", seen.size());
        own.put("partitions", partitions);
        return own;
    }

    private void one(HttpExchange exchange, String key, boolean local) throws IOException, InterruptedException {
        HostInfo owner = local ? null : peers.owner(key);
        if (owner != null) {
            HttpResponse<byte[]> answer =
                    peers.ask(owner, "/api/subject?key=" + Query.encoded(key) + "&" + HERE + "=1");
            send(exchange, answer.statusCode(), "application/json", answer.body());
            return;
        }
        ObjectNode subject = subjects.one(key);
        if (subject == null) {
            problem(exchange, 404, "nothing is known of it");
        } else {
            json(exchange, 200, subject);
        }
    }

    private void say(HttpExchange exchange) throws IOException, InterruptedException {
        if (!exchange.getRequestMethod().equals("POST")) {
            problem(exchange, 405, "only POST");
            return;
        }
        if (!guard.isOurPage(exchange.getRequestHeaders())) {
            problem(exchange, 403, "only this console's own page may say this");
            return;
        }
        String operator = guard.operator(exchange.getRequestHeaders());
        if (operator == null) {
            problem(exchange, 403, "an operator's token is needed to act");
            return;
        }
        byte[] body = exchange.getRequestBody().readNBytes(LONGEST_BODY + 1);
        if (body.length > LONGEST_BODY) {
            problem(exchange, 413, "the order is too long");
            return;
        }
        ObjectNode said;
        try {
            said = words.say(mapper.readTree(body), operator);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the order is no JSON", e);
        }
        LOG.info(
                "{} said {} of {} subjects",
                operator,
                said.path("said").path("verb").asText(),
                said.path("subjects").asInt());
        json(exchange, 200, said);
    }

    @Override
    public void close() {
        server.close();
        words.close();
        notes.close();
    }
}
