package io.postbrake.simulator;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.MaxMindGeo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** What Dovecot's lines buy: how soon people learn of thieves who read before they send, and what it costs owners. */
public final class Reading {
    private final int users;
    private final int days;

    /** Fleets of {@code users} accounts for {@code days} days. */
    public Reading(int users, int days) {
        this.users = users;
        this.days = days;
    }

    /**
     * One line of the result.
     *
     * @param guard without Dovecot's lines, with them, or with them and reading held by choice
     * @param thefts attacks that begin with reading
     * @param told of these, those of which an incident tells at all
     * @param before of these, those of which one tells before the first message
     * @param medianMinutes from the first login to the incident, of those told of
     * @param worstMinutes the same of the slowest tenth's quickest
     * @param leaked share of all attacks' recipients that were reached
     * @param falseBlocks of owners per 10,000 of their days
     * @param falseIncidents of accounts that nobody stole, per 10,000 user-days
     */
    public record Row(
            String guard,
            int thefts,
            int told,
            int before,
            long medianMinutes,
            long worstMinutes,
            double leaked,
            double falseBlocks,
            double falseIncidents) {}

    /** What came of one guard on all fleets. */
    private static final class Sum {
        private int thefts;
        private int before;
        private long recipients;
        private long leaked;
        private long falseBlocks;
        private long falseIncidents;
        private long userDays;
        private final List<Long> minutes = new ArrayList<>();

        private Row row(String guard) {
            minutes.sort(Comparator.naturalOrder());
            return new Row(
                    guard,
                    thefts,
                    minutes.size(),
                    before,
                    minutes.isEmpty() ? -1 : minutes.get(minutes.size() / 2),
                    minutes.isEmpty() ? -1 : minutes.get(minutes.size() * 9 / 10),
                    recipients == 0 ? 0 : (double) leaked / recipients,
                    userDays == 0 ? 0 : 1e4 * falseBlocks / userDays,
                    userDays == 0 ? 0 : 1e4 * falseIncidents / userDays);
        }
    }

    /**
     * Guards the fleets of these seeds.
     *
     * @param progress told a sentence after each of them
     * @throws IOException when the made-up geography cannot be written to the temporary folder
     */
    public List<Row> run(List<Long> seeds, Consumer<String> progress) throws IOException {
        Map<String, Sum> sums = new LinkedHashMap<>();
        for (long seed : seeds) {
            Script mail = Script.of(seed, users, days);
            Readers.Read read = Readers.of(mail);
            Path folder = Files.createTempDirectory("postbrake-reading");
            Path places = folder.resolve("places.mmdb");
            Path operators = folder.resolve("operators.mmdb");
            try {
                mail.geography().write(places, operators);
                try (MaxMindGeo files = MaxMindGeo.open(List.of(places, operators))) {
                    DetectionConfig usual = DetectionConfig.defaults();
                    DetectionConfig holds = DetectionConfig.of(Map.of("detectors.unfamiliar-reading.hold", true));
                    add(sums, "without Dovecot's lines", mail, mail, read, usual, files::lookup);
                    add(sums, "with them", read.script(), mail, read, usual, files::lookup);
                    add(sums, "with them, reading held", read.script(), mail, read, holds, files::lookup);
                }
            } finally {
                Files.deleteIfExists(places);
                Files.deleteIfExists(operators);
                Files.deleteIfExists(folder);
            }
            progress.accept("seed " + seed + ": "
                    + (read.script().actions().size() - mail.actions().size()) + " logins, "
                    + read.thefts().size() + " of " + mail.attacks().size() + " thieves read first");
        }
        List<Row> rows = new ArrayList<>();
        sums.forEach((name, sum) -> rows.add(sum.row(name)));
        return rows;
    }

    private static void add(
            Map<String, Sum> sums,
            String name,
            Script script,
            Script mail,
            Readers.Read read,
            DetectionConfig config,
            GeoLookup geo) {
        Sum sum = sums.computeIfAbsent(name, k -> new Sum());
        var guard = new PostbrakeGuard(script.seed(), config, geo);
        Score score = Score.of(script, guard);
        score.attacks.values().forEach(tally -> {
            sum.recipients += tally.recipients;
            sum.leaked += tally.leaked;
        });
        score.innocents.values().forEach(innocent -> {
            sum.falseBlocks += innocent.falseBlocks();
            sum.userDays += innocent.userDays;
        });
        Map<String, List<Long>> incidents = new HashMap<>();
        guard.incidents()
                .forEach(one -> incidents
                        .computeIfAbsent(one.subjectKey(), k -> new ArrayList<>())
                        .add(one.at()));
        for (Map.Entry<Integer, Long> theft : read.thefts().entrySet()) {
            Attack attack = mail.attacks().get(theft.getKey());
            sum.thefts++;
            incidents.getOrDefault("sasl_user:" + attack.account(), List.of()).stream()
                    .filter(at -> at >= theft.getValue() - Diary.SECOND && at <= attack.end() + Diary.DAY)
                    .min(Comparator.naturalOrder())
                    .ifPresent(at -> {
                        sum.minutes.add(Math.max(0, at - theft.getValue()) / Diary.MINUTE);
                        sum.before += at < attack.start() ? 1 : 0;
                    });
        }
        var stolen =
                script.attacks().stream().map(a -> "sasl_user:" + a.account()).toList();
        incidents.forEach((key, all) -> {
            boolean account = script.behaviours().containsKey(key.replaceFirst("^sasl_user:", ""));
            sum.falseIncidents += account && !stolen.contains(key) ? all.size() : 0;
        });
    }

    /** The lines as a table of Markdown. */
    public static String table(List<Row> rows) {
        var text = new StringBuilder(
                "| | thieves who read first | told of | before the first message | minutes from theft to incident, median | 90 % |"
                        + " spam leaked | false blocks per 10,000 user-days | incidents of nobody stolen per 10,000 user-days |\n|---|---|---|---|---|---|---|---|---|\n");
        for (Row row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %d | %d | %d | %d | %d | %.1f %% | %.1f | %.1f |%n",
                    row.guard(),
                    row.thefts(),
                    row.told(),
                    row.before(),
                    row.medianMinutes(),
                    row.worstMinutes(),
                    100 * row.leaked(),
                    row.falseBlocks(),
                    row.falseIncidents()));
        }
        return text.toString();
    }
}
