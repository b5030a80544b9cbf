package io.postbrake.geo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads lists as their makers give them, and knows which form it is by the text: one entry a line (also Spamhaus DROP with what
 * stands behind a semicolon, and autonomous systems as {@code AS64500}), Spamhaus's objects of JSON a line, what
 * {@code ipset save} writes, and CrowdSec's {@code cscli decisions list -o raw} and {@code -o json}.
 */
final class ListReader {
    private static final Logger LOG = LoggerFactory.getLogger(ListReader.class);
    private static final int TOLD = 5;
    private static final int MOST_BYTES = 512 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SYSTEM = Pattern.compile("[Aa][Ss](\\d{1,10})");
    private static final Pattern MODIFIED = Pattern.compile("[;#]\\s*Last-Modified:\\s*(.+)", Pattern.CASE_INSENSITIVE);
    private static final String RAW = "id,source,ip,reason,action";
    /** Scopes of CrowdSec's decisions that mean addresses. */
    private static final List<String> SCOPES = List.of("ip", "range", "as");

    private final Path file;
    private final TextList list;
    private long lines;

    private ListReader(Path file, TextList list) {
        this.file = file;
        this.list = list;
    }

    /**
     * Reads a whole file.
     *
     * @throws IOException when it cannot be read, has no line that is understood, or is cut short
     */
    static TextList read(Path file, String name, ListKind kind) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException("it has more than " + (MOST_BYTES >> 20) + " MiB");
        }
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        String begins = text.substring(0, Math.min(text.length(), 200)).strip();
        if (begins.isEmpty()) {
            throw new IOException("it is empty, perhaps of a download that failed");
        }
        if (begins.startsWith("<")) {
            throw new IOException("it is a page (HTML or XML), perhaps of a download that was refused");
        }
        var list = new TextList(name, kind, Files.getLastModifiedTime(file).toInstant());
        var reader = new ListReader(file, list);
        boolean mayBeEmpty = true;
        if (begins.startsWith("[") || text.strip().equals("null")) {
            reader.decisions(text);
        } else if (begins.startsWith("{")) {
            reader.objects(text);
        } else if (begins.startsWith(RAW)) {
            reader.each(text, 1, reader::row);
        } else if (begins.startsWith("create ") || begins.startsWith("add ")) {
            reader.each(text, 0, reader::ipset);
        } else {
            mayBeEmpty = false;
            reader.each(text, 0, reader::plain);
        }
        boolean nothing = list.entries() == 0;
        if (nothing && (list.badLines() > 0 || !mayBeEmpty)) {
            throw new IOException("none of its " + reader.lines + " lines is an address, a network or a system");
        }
        if (list.badLines() > 0) {
            LOG.warn("list {}: {} lines are left out, they are no entries", file, list.badLines());
        }
        return list.sealed();
    }

    private interface Line {
        /** Takes it; false when it is no entry. */
        boolean take(String text);
    }

    private void each(String text, int skipped, Line taker) {
        int number = 0;
        for (String line : (Iterable<String>) text.lines()::iterator) {
            number++;
            String stripped = line.strip();
            if (number <= skipped || stripped.isEmpty()) {
                continue;
            }
            lines++;
            if (!taker.take(stripped)) {
                bad(number, stripped);
            }
        }
    }

    private void bad(int number, String line) {
        list.bad();
        if (list.badLines() <= TOLD) {
            String shown = line.replaceAll("[^\\x20-\\x7e]", "?");
            LOG.warn(
                    "list {}, line {} is no entry: {}", file, number, shown.substring(0, Math.min(80, shown.length())));
        }
    }

    private boolean plain(String line) {
        Matcher modified = MODIFIED.matcher(line);
        if (modified.matches()) {
            date(modified.group(1).strip());
            return true;
        }
        if (line.startsWith("#") || line.startsWith(";") || line.startsWith("//")) {
            return true;
        }
        String entry = line.split("[\\s;#,]", 2)[0];
        Matcher system = SYSTEM.matcher(entry);
        if (system.matches()) {
            list.addSystem(Long.parseLong(system.group(1)));
            return true;
        }
        return list.add(entry, null);
    }

    private void date(String text) {
        try {
            list.builtAt(ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            LOG.debug("list {} names no time: {}", file, text);
        }
    }

    /** {@code add SET ENTRY [timeout N] [comment "..."] [nomatch]}; the entry may have a port behind a comma. */
    private boolean ipset(String line) {
        String[] words = line.split("\\s+");
        if (words[0].equals("create")) {
            return true;
        }
        if (!words[0].equals("add") || words.length < 3) {
            return false;
        }
        String entry = words[2].split(",", 2)[0];
        String options = line.replaceAll("\"[^\"]*\"", "");
        return options.endsWith(" nomatch") || options.contains(" nomatch ")
                ? list.except(entry)
                : list.add(entry, null);
    }

    /** Names of systems hold commas, and older versions do not quote them: fields are counted from both ends. */
    private boolean row(String line) {
        String[] cells = line.split(",", -1);
        if (cells.length < 9) {
            return false;
        }
        boolean simulated = cells.length >= 11 && cells[cells.length - 2].equals("true");
        int colon = cells[2].indexOf(':');
        return simulated || colon < 0
                ? simulated
                : decision(cells[2].substring(0, colon), cells[2].substring(colon + 1), null);
    }

    private boolean decision(String scope, String value, Instant since) {
        String word = scope.toLowerCase(Locale.ROOT);
        if (!SCOPES.contains(word)) {
            return true; // Of a user or a country: no address is meant.
        }
        if (word.equals("as")) {
            Matcher system = SYSTEM.matcher(value.startsWith("AS") ? value : "AS" + value);
            if (system.matches()) {
                list.addSystem(Long.parseLong(system.group(1)));
            }
            return system.matches();
        }
        return list.add(value, since);
    }

    private void decisions(String text) throws IOException {
        JsonNode all;
        try {
            all = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    "it is no JSON from line " + e.getLocation().getLineNr() + " on, perhaps cut short", e);
        }
        int number = 0;
        for (JsonNode alert : all) { // null, which cscli says when there is no decision, has none.
            number++;
            lines++;
            JsonNode decisions = alert.has("decisions")
                    ? alert.path("decisions")
                    : JSON.createArrayNode().add(alert);
            Instant since = instant(alert.path("created_at").asText(""));
            for (JsonNode one : decisions) {
                boolean simulated = one.path("simulated").asBoolean(false);
                if (!simulated
                        && !decision(
                                one.path("scope").asText(""), one.path("value").asText(""), since)) {
                    bad(number, one.path("value").asText(""));
                }
            }
        }
    }

    private static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Spamhaus: {@code {"cidr":...}} or {@code {"asn":...}} a line, and at the end how many there are, and when it was made. */
    private void objects(String text) throws IOException {
        long[] said = {-1};
        each(text, 0, line -> {
            try {
                JsonNode object = JSON.readTree(line);
                if (object.path("type").asText("").equals("metadata")) {
                    said[0] = object.path("records").asLong(-1);
                    JsonNode made = object.path("timestamp");
                    if (made.isIntegralNumber() && made.canConvertToLong()) {
                        list.builtAt(made.asLong());
                    }
                    return true;
                }
                if (object.path("asn").isIntegralNumber()) {
                    list.addSystem(object.path("asn").asLong());
                    return true;
                }
                return list.add(object.path("cidr").asText(""), null);
            } catch (JsonProcessingException e) {
                return false;
            }
        });
        if (said[0] >= 0 && said[0] != list.entries() + list.badLines()) {
            throw new IOException("it says that it has " + said[0] + " entries, and has " + list.entries());
        }
    }
}
