package io.postbrake.simulator;

import io.postbrake.detection.DetectionConfig;
import io.postbrake.geo.GeoInfo;
import io.postbrake.geo.MaxMindGeo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Lets Postbrake and the fixed limits guard the same made-up fleets, and compares them. */
public final class Evaluation {
    private final int users;
    private final int days;
    private final DetectionConfig config;
    private final Contenders contenders;

    /** Who guards. */
    public enum Contenders {
        BASELINES,
        POSTBRAKE,
        ALL
    }

    /** A fleet of {@code users} accounts for {@code days} days, guarded under {@code config}. */
    public Evaluation(int users, int days, DetectionConfig config, Contenders contenders) {
        this.users = users;
        this.days = days;
        this.config = config;
        this.contenders = contenders;
    }

    /**
     * Runs every seed and reports.
     *
     * @param progress told a sentence after each seed
     * @throws IOException when the made-up geography cannot be written to the temporary folder
     */
    public Report run(List<Long> seeds, Consumer<String> progress) throws IOException {
        Map<String, List<Score>> scores = new LinkedHashMap<>();
        for (long seed : seeds) {
            long began = System.nanoTime();
            Script script = Script.of(seed, users, days);
            guards(script)
                    .forEach((name, guard) ->
                            scores.computeIfAbsent(name, k -> new ArrayList<>()).add(guard));
            progress.accept(String.format(
                    "seed %d: %d actions, %d attacks, %.1f s",
                    seed, script.actions().size(), script.attacks().size(), (System.nanoTime() - began) / 1e9));
        }
        return new Report(scores);
    }

    private Map<String, Score> guards(Script script) throws IOException {
        Path folder = Files.createTempDirectory("postbrake-evaluate");
        Path places = folder.resolve("places.mmdb");
        Path operators = folder.resolve("operators.mmdb");
        Map<String, Score> result = new LinkedHashMap<>();
        try {
            script.geography().write(places, operators);
            try (MaxMindGeo files = MaxMindGeo.open(List.of(places, operators))) {
                Map<String, GeoInfo> known = new HashMap<>();
                if (contenders != Contenders.POSTBRAKE) {
                    FixedLimits.Travel.Whereabouts where = ip -> {
                        GeoInfo info = known.computeIfAbsent(ip, files::lookup);
                        return info.latitude() == null ? null : new double[] {info.latitude(), info.longitude()};
                    };
                    result.put("quotas", Score.of(script, new FixedLimits.Quotas()));
                    result.put("travel", Score.of(script, new FixedLimits.Travel(where)));
                    result.put("fail2ban", Score.of(script, new FixedLimits.Fail2ban()));
                    result.put(
                            "union",
                            Score.of(
                                    script,
                                    new FixedLimits.Union(List.of(
                                            new FixedLimits.Quotas(),
                                            new FixedLimits.Travel(where),
                                            new FixedLimits.Fail2ban()))));
                }
                if (contenders != Contenders.BASELINES) {
                    result.put(
                            "postbrake",
                            Score.of(
                                    script,
                                    new PostbrakeGuard(
                                            script.seed(), config, ip -> known.computeIfAbsent(ip, files::lookup))));
                }
            }
        } finally {
            Files.deleteIfExists(places);
            Files.deleteIfExists(operators);
            Files.deleteIfExists(folder);
        }
        return result;
    }
}
