package io.postbrake.cli.doctor;

import io.postbrake.event.MailEvent;
import io.postbrake.logtail.JournalReader;
import io.postbrake.logtail.JournalSelection;
import io.postbrake.logtail.LogPattern;
import io.postbrake.logtail.LogZones;
import io.postbrake.postfixlog.LineEnd;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether Postfix's logs can be read, are written to, are understood, and carry stamps of the zone that they are read with. */
final class LogCheck {

    private static final String LOG = "log";
    private static final String ZONE = "zone";
    /** So much of a log's end tells how it is. */
    private static final int END = 1 << 20;

    private static final Duration QUIET = Duration.ofHours(1);
    private static final double TOLERATED_SHARE = 0.2;
    /** So much may be between writing a line and the clock of the file, or of two hosts. */
    private static final Duration TOLERATED = Duration.ofMinutes(2);

    private static final Duration QUARTER = Duration.ofMinutes(15);
    private static final Pattern NAMED = Pattern.compile("postfix[-\\w]{0,60}/[-\\w/]{1,60}\\[\\d+]:");
    /** Microseconds of the epoch, as journald writes them into its cursors. */
    private static final Pattern CURSOR_TIME = Pattern.compile(";t=([0-9a-f]{1,16})");

    private final LogZones zones;
    private final Instant now;
    private final List<Symptom> found = new ArrayList<>();

    private LogCheck(LogZones zones, Instant now) {
        this.zones = zones;
        this.now = now;
    }

    static List<Symptom> of(Installation there, Instant now) {
        if (there.logs().isEmpty()) {
            return List.of();
        }
        var check = new LogCheck(new LogZones(there.zones().isEmpty() ? List.of("system") : there.zones()), now);
        for (String log : there.logs()) {
            if (JournalSelection.isMeant(log)) {
                check.journal(log);
            } else {
                check.files(log);
            }
        }
        return check.found;
    }

    private void files(String name) {
        List<Path> logs;
        try {
            logs = new LogPattern(name).logs();
        } catch (IOException | IllegalArgumentException e) {
            found.add(Symptom.fail(LOG, name + ": " + e.getMessage(), "give the path of Postfix's log"));
            return;
        }
        List<Path> there = logs.stream().filter(Files::exists).toList();
        if (there.isEmpty()) {
            found.add(Symptom.fail(
                    LOG,
                    name + " is not there",
                    "`postconf -h maillog_file` says where Postfix writes; without rsyslog it is systemd's journal: log:"
                            + " journal"));
        }
        there.forEach(this::file);
    }

    private void file(Path log) {
        byte[] end;
        Instant written;
        try {
            end = end(log);
            written = Files.getLastModifiedTime(log).toInstant();
        } catch (IOException e) {
            found.add(Symptom.fail(
                    LOG,
                    log + " cannot be read by " + System.getProperty("user.name") + " ("
                            + e.getClass().getSimpleName() + ")",
                    "run this as the service does: as root, or as a user of the group that `ls -l " + log + "` shows"));
            return;
        }
        read(log, end, written);
    }

    private void read(Path log, byte[] bytes, Instant written) {
        ZoneId zone = zones.of(log);
        PostfixLogParser parser = PostfixLogParser.ofArchive(zone, null);
        int lines = 0;
        int named = 0;
        int understood = 0;
        Instant newest = null;
        long last = Long.MIN_VALUE;
        int from = 0;
        for (int at = LineEnd.find(bytes, 0, bytes.length); at >= 0; at = LineEnd.find(bytes, from, bytes.length)) {
            MailEvent event = parser.parse(bytes, from, at - from, new LineOrigin("", "", 0, from, written));
            String kind = event.getKind();
            boolean typed = !kind.equals("unparsed") && !kind.equals("not_postfix");
            // A line whose envelope is not known names Postfix all the same.
            boolean postfix = typed
                    || NAMED.matcher(new String(bytes, from, at - from, StandardCharsets.ISO_8859_1))
                            .find();
            from = at + 1;
            lines++;
            named += postfix ? 1 : 0;
            understood += typed ? 1 : 0;
            if (parser.stamped()) {
                last = parser.stampMillis();
                newest = postfix ? Instant.ofEpochMilli(last) : newest;
            }
        }
        say(log, lines, named, understood, newest);
        if (last != Long.MIN_VALUE) {
            zone(log, zone, Duration.between(Instant.ofEpochMilli(last), written));
        }
    }

    private void say(Path log, int lines, int named, int understood, Instant newest) {
        if (lines == 0) {
            found.add(Symptom.warn(
                    LOG, log + " is empty", "nothing, if it was rotated just now; else: is it the right log?"));
        } else if (named == 0) {
            found.add(
                    Symptom.fail(
                            LOG,
                            log + ": of its last " + lines + " lines none is Postfix's",
                            "give the log that Postfix writes: `postconf -h maillog_file`, or where syslog puts the facility mail"));
        } else if (named - understood > TOLERATED_SHARE * named) {
            found.add(Symptom.fail(
                    LOG,
                    log + ": of its last " + named + " lines of Postfix " + (named - understood)
                            + " are not understood",
                    "`postbrake parse --stats " + log
                            + "` shows their shapes; source.log.envelopes says what stands around" + " lines"));
        } else if (newest == null || Duration.between(newest, now).compareTo(QUIET) > 0) {
            found.add(Symptom.warn(
                    LOG,
                    log + ": the newest line of Postfix is "
                            + (newest == null ? "without a time" : age(newest) + " old"),
                    "nothing, if no mail came since; else: is it the right log, and does it still get lines?"));
        } else {
            found.add(Symptom.ok(
                    LOG,
                    log + ": of its last " + named + " lines of Postfix " + understood
                            + " are understood, the newest is " + age(newest) + " old"));
        }
    }

    /** The clock of the file was right when its last line came, whatever the line says. */
    private void zone(Path log, ZoneId zone, Duration behind) {
        if (behind.abs().compareTo(TOLERATED) <= 0) {
            found.add(Symptom.ok(ZONE, log + ": stamps fit " + zone.getId()));
            return;
        }
        long quarters = Math.round((double) behind.toSeconds() / QUARTER.toSeconds());
        Duration off = behind.minus(QUARTER.multipliedBy(quarters)).abs();
        boolean ofZones =
                quarters != 0 && off.compareTo(TOLERATED) <= 0 && behind.abs().toHours() < 26;
        String seen = log + ": the last stamp, read as " + zone.getId() + ", is " + text(behind.abs())
                + (behind.isNegative() ? " after" : " before") + " the file was written";
        if (!ofZones) {
            found.add(Symptom.warn(
                    ZONE,
                    seen,
                    "look at the clock of whoever writes it; a file that was copied has a time of its own"));
            return;
        }
        int seconds = zone.getRules().getOffset(now).getTotalSeconds() - (int) (quarters * QUARTER.toSeconds());
        String fits = seconds == 0
                ? "UTC"
                : Math.abs(seconds) > ZoneOffset.MAX.getTotalSeconds()
                        ? "another"
                        : ZoneOffset.ofTotalSeconds(seconds).getId();
        found.add(Symptom.fail(ZONE, seen, "source: {log.zone: " + fits + "} would fit"));
    }

    private void journal(String name) {
        try {
            String cursor = JournalReader.newest(
                    JournalSelection.of(name, List.of(JournalSelection.DEFAULT_MATCHES.split("\\s*,\\s*"))));
            if (cursor == null) {
                found.add(Symptom.fail(
                        LOG,
                        name + " has no line of Postfix",
                        "is `postconf -h maillog_file` set? Then give that file"));
                return;
            }
            Matcher time = CURSOR_TIME.matcher(cursor);
            Instant newest =
                    time.find() ? Instant.ofEpochMilli(Long.parseLong(time.group(1), 16) / 1000) : Instant.EPOCH;
            boolean quiet = Duration.between(newest, now).compareTo(QUIET) > 0;
            String seen = name + ": the newest line of Postfix is " + age(newest) + " old";
            found.add(quiet ? Symptom.warn(LOG, seen, "nothing, if no mail came since") : Symptom.ok(LOG, seen));
        } catch (IOException | RuntimeException e) {
            found.add(Symptom.fail(
                    LOG,
                    name + " cannot be read: " + e.getMessage(),
                    "run this as root or as a user of the group systemd-journal, on a machine that has journalctl"));
        }
    }

    private static byte[] end(Path log) throws IOException {
        try (var file = new RandomAccessFile(log.toFile(), "r")) {
            long from = Math.max(0, file.length() - END);
            byte[] bytes = new byte[(int) Math.min(END, file.length() - from)];
            file.seek(from);
            file.readFully(bytes);
            // The first line of a piece is none.
            int first = from == 0 ? 0 : LineEnd.find(bytes, 0, bytes.length) + 1;
            return Arrays.copyOfRange(bytes, first, bytes.length);
        }
    }

    private String age(Instant then) {
        return text(Duration.between(then, now));
    }

    static String text(Duration duration) {
        Duration shown = duration.isNegative() ? Duration.ZERO : duration;
        if (shown.toDays() > 1) {
            return shown.toDays() + " days";
        }
        if (shown.toHours() > 0) {
            return shown.toHours() + " h " + shown.toMinutesPart() + " min";
        }
        return shown.toMinutes() > 0 ? shown.toMinutes() + " min" : shown.toSeconds() + " s";
    }
}
