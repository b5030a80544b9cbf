package io.postbrake.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.avro.Schema;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what the parser makes of each line. */
@Command(name = "parse", mixinStandardHelpOptions = true, description = "Print a JSON object for each log line.")
final class ParseCommand implements Callable<Integer> {

    /** Fields of the event that say where it came from, or that the output names otherwise. */
    private static final Set<String> LEFT_OUT = Set.of(
            "kind", "hostId", "sourceId", "generation", "position", "occurredAt", "readAt", "clamped", "loggedHost");

    @Parameters(paramLabel = "FILE", description = "Logs; standard input by default.")
    private List<Path> files = List.of();

    @Option(names = "--year", description = "Year of stamps that have none; default: the nearest past one.")
    private Integer year;

    @Option(names = "--zone", description = "Zone of stamps that have none; default: this machine's.")
    private ZoneId zone = ZoneId.systemDefault();

    @Option(names = "--stats", description = "Print counts of kinds and the pace instead of the lines.")
    private boolean stats;

    @Spec
    private CommandSpec spec;

    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, Long> kinds = new TreeMap<>();
    private long line;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        var parser = new PostfixLogParser(zone, year == null ? null : Year.of(year));
        long started = System.nanoTime();
        if (files.isEmpty()) {
            parse(System.in, parser, out);
        }
        for (Path file : files) {
            try (InputStream in = Files.newInputStream(file)) {
                parse(in, parser, out);
            }
        }
        if (stats) {
            double seconds = (System.nanoTime() - started) / 1e9;
            kinds.forEach((kind, count) -> out.printf("%-15s %10d%n", kind, count));
            out.printf("%d lines, %.0f lines a second%n", line, line / Math.max(seconds, 1e-9));
        }
        out.flush();
        return 0;
    }

    private void parse(InputStream raw, PostfixLogParser parser, PrintWriter out) throws IOException {
        var in = new BufferedInputStream(raw, 1 << 16);
        var buffer = new ByteArrayOutputStream(256);
        int b;
        while ((b = in.read()) >= 0) {
            if (b == '\n') {
                emit(buffer, parser, out);
            } else {
                buffer.write(b);
            }
        }
        if (buffer.size() > 0) {
            emit(buffer, parser, out);
        }
    }

    private void emit(ByteArrayOutputStream buffer, PostfixLogParser parser, PrintWriter out) throws IOException {
        byte[] bytes = buffer.toByteArray();
        buffer.reset();
        line++;
        MailEvent event = parser.parse(bytes, 0, bytes.length, new LineOrigin("", "", 0, line, Instant.now()));
        if (stats) {
            kinds.merge(event.getKind(), 1L, Long::sum);
        } else {
            out.println(json.writeValueAsString(toJson(event)));
        }
    }

    private ObjectNode toJson(MailEvent event) {
        ObjectNode node = json.createObjectNode();
        node.put("line", line);
        node.put("kind", event.getKind());
        if (!event.getKind().equals("not_postfix")) {
            node.put("time", event.getOccurredAt().toString());
        }
        if (event.getLoggedHost() != null) {
            node.put("host", event.getLoggedHost());
        }
        for (Schema.Field field : event.getSchema().getFields()) {
            Object value = event.get(field.pos());
            if (value != null && !LEFT_OUT.contains(field.name())) {
                node.putPOJO(field.name(), value);
            }
        }
        return node;
    }
}
