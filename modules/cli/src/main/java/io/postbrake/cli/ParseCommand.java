package io.postbrake.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postbrake.event.MailEvent;
import io.postbrake.postfixlog.LineEnd;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import io.postbrake.postfixlog.envelope.Envelopes;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import org.apache.avro.Schema;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    private static final List<Schema.Field> FIELDS = MailEvent.getClassSchema().getFields().stream()
            .filter(field -> !LEFT_OUT.contains(field.name()))
            .toList();
    private static final JsonFactory JSON = new ObjectMapper()
            .getFactory()
            .setRootValueSeparator(null)
            // Whatever the locale, and no byte of a log steers a terminal.
            .configure(JsonWriteFeature.ESCAPE_NON_ASCII.mappedFeature(), true)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    private static final String NOT_POSTFIX = "not_postfix";
    private static final int CHUNK = 1 << 16;
    private static final int LONGEST = 1 << 20;
    private static final int LONGEST_SHAPE = 300;
    private static final int MOST_SHAPES = 10_000;
    private static final int MOST_SHAPES_TOLD = 40;

    @Parameters(paramLabel = "FILE", description = "Logs, plain or gzipped; standard input by default.")
    private List<Path> files = List.of();

    @Option(names = "--year", description = "Year of stamps that have none; default: the nearest past one.")
    private Integer year;

    @Option(names = "--zone", description = "Zone of stamps that have none; default: this machine's.")
    private ZoneId zone = ZoneId.systemDefault();

    @Option(
            names = "--envelopes",
            paramLabel = "NAMES",
            converter = EnvelopesOption.class,
            description =
                    "What stands around the lines: auto, none, or names such as compose+timestamp, the outermost first.")
    private Envelopes envelopes = Envelopes.auto();

    @Mixin
    private JournalOptions journal;

    @Option(names = "--stats", description = "Print counts of kinds and the pace instead of the lines.")
    private boolean stats;

    @Spec
    private CommandSpec spec;

    private final Map<String, Long> kinds = new TreeMap<>();
    private final Map<String, Long> unknown = new HashMap<>();
    private long line;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        envelopes = envelopes.believing(journal.rule());
        long started = System.nanoTime();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            if (files.isEmpty()) {
                parse(unzipped(System.in), json);
            }
            for (Path file : files) {
                try (InputStream in = unzipped(Files.newInputStream(file))) {
                    parse(in, json);
                }
            }
        }
        if (stats) {
            double seconds = (System.nanoTime() - started) / 1e9;
            kinds.forEach((kind, count) -> out.printf("%-15s %10d%n", kind, count));
            unknown.entrySet().stream()
                    .sorted(Map.Entry.<String, Long>comparingByValue()
                            .reversed()
                            .thenComparing(Map.Entry.comparingByKey()))
                    .limit(MOST_SHAPES_TOLD)
                    .forEach(shape -> out.printf("unknown shape   %10d  %s%n", shape.getValue(), shape.getKey()));
            out.printf("%d lines, %.0f lines a second%n", line, line / Math.max(seconds, 1e-9));
        }
        out.flush();
        boolean understood = kinds.keySet().stream().anyMatch(kind -> !kind.equals(NOT_POSTFIX));
        if (line > 0 && !understood) {
            PrintWriter err = spec.commandLine().getErr();
            err.println(
                    "of " + line + " lines none is one of Postfix that could be read: give logs that Postfix wrote");
            err.flush();
            return 1;
        }
        return 0;
    }

    private static InputStream unzipped(InputStream plainOrZipped) throws IOException {
        var in = new BufferedInputStream(plainOrZipped, CHUNK);
        in.mark(2);
        boolean zipped = in.read() == 0x1f && in.read() == 0x8b;
        in.reset();
        return zipped ? new GZIPInputStream(in, CHUNK) : in;
    }

    /** Each input is a log of its own: years are told from its own stamps. */
    private void parse(InputStream in, JsonGenerator json) throws IOException {
        PostfixLogParser parser = PostfixLogParser.ofArchive(zone, year == null ? null : Year.of(year), envelopes);
        byte[] chunk = new byte[CHUNK];
        byte[] kept = new byte[0];
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            int from = 0;
            for (int end = LineEnd.find(chunk, 0, n); end >= 0; end = LineEnd.find(chunk, from, n)) {
                if (kept.length == 0) {
                    emit(chunk, from, end - from, parser, json);
                } else {
                    kept = joined(kept, chunk, from, end);
                    emit(kept, 0, kept.length, parser, json);
                    kept = new byte[0];
                }
                from = end + 1;
            }
            kept = joined(kept, chunk, from, n);
            // Who watches a log through a pipe sees each line as it comes.
            if (in.available() == 0) {
                json.flush();
            }
        }
        if (kept.length > 0) {
            emit(kept, 0, kept.length, parser, json);
        }
    }

    /** What is beyond the longest line is cut, as the shipper does. */
    private static byte[] joined(byte[] kept, byte[] more, int from, int to) {
        int length = Math.min(to - from, Math.max(0, LONGEST - kept.length));
        byte[] both = Arrays.copyOf(kept, kept.length + length);
        System.arraycopy(more, from, both, kept.length, length);
        return both;
    }

    private void emit(byte[] bytes, int off, int len, PostfixLogParser parser, JsonGenerator json) throws IOException {
        line++;
        MailEvent event = parser.parse(bytes, off, len, new LineOrigin("", "", 0, line, Instant.now()));
        String kind = event.getKind();
        if (kind.equals("unparsed")) {
            kind = parser.framed() && event.getService() != null ? "other" : NOT_POSTFIX;
        }
        kinds.merge(kind, 1L, Long::sum);
        if (stats) {
            if (parser.unknownShape()) {
                String shape =
                        LogShape.of(new String(bytes, off, Math.min(len, LONGEST_SHAPE), StandardCharsets.UTF_8));
                if (unknown.size() < MOST_SHAPES || unknown.containsKey(shape)) {
                    unknown.merge(shape, 1L, Long::sum);
                }
            }
        } else {
            write(event, kind, parser.stamped(), json);
        }
    }

    private void write(MailEvent event, String kind, boolean stamped, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeNumberField("line", line);
        json.writeStringField("kind", kind);
        if (stamped) {
            json.writeStringField("time", event.getOccurredAt().toString());
        }
        if (event.getLoggedHost() != null) {
            json.writeStringField("host", event.getLoggedHost());
        }
        for (Schema.Field field : FIELDS) {
            Object value = event.get(field.pos());
            boolean said = value != null && !(field.name().equals("repeats") && value.equals(1L));
            if (said) {
                json.writeObjectField(field.name(), value);
            }
        }
        json.writeEndObject();
        json.writeRaw('\n');
    }
}
