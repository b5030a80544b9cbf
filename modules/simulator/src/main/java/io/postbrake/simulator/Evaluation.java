package io.postbrake.simulator;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.runtime.DetectionListener;
import io.postbrake.geo.GeoInfo;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.MaxMindGeo;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Lets Postbrake and the fixed limits guard the same made-up fleets, and compares them. */
public final class Evaluation {
    private final int users;
    private final int days;
    private final DetectionConfig config;
    private final Contenders contenders;
    private final boolean tuning;
    private final int history;

    /** Who guards. */
    public enum Contenders {
        BASELINES,
        POSTBRAKE,
        ALL
    }

    /** A fleet of {@code users} accounts for {@code days} days, guarded under {@code config}. */
    public Evaluation(int users, int days, DetectionConfig config, Contenders contenders) {
        this(users, days, config, contenders, false, 0);
    }

    /**
     * The same, {@code tuning} without the kinds that are held out.
     *
     * @param history days before the judged ones: Postbrake is judged as one that learnt from their logs, beside one that
     *     knows nothing of them and one that guarded the fleet on them
     */
    public Evaluation(int users, int days, DetectionConfig config, Contenders contenders, boolean tuning, int history) {
        this.users = users;
        this.days = days;
        this.config = config;
        this.contenders = contenders;
        this.tuning = tuning;
        this.history = history;
    }

    /**
     * Runs every seed, two at a time where there are processors for it, and reports.
     *
     * @param progress told a sentence after each seed
     * @throws IOException when the made-up geography cannot be written to the temporary folder
     */
    public Report run(List<Long> seeds, Consumer<String> progress) throws IOException {
        Map<String, List<Score>> scores = new LinkedHashMap<>();
        // Each holds a month of a fleet in memory: no more of them than two.
        int together = Math.min(2, Runtime.getRuntime().availableProcessors());
        ExecutorService pool = Executors.newFixedThreadPool(together);
        try {
            List<Future<Map<String, Score>>> all = new ArrayList<>();
            for (long seed : seeds) {
                all.add(pool.submit(() -> evaluate(seed, progress)));
            }
            for (Future<Map<String, Score>> one : all) {
                one.get()
                        .forEach((name, score) -> scores.computeIfAbsent(name, k -> new ArrayList<>())
                                .add(score));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while seeds were evaluated");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException unwritable) {
                throw unwritable;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
        return new Report(scores);
    }

    private Map<String, Score> evaluate(long seed, Consumer<String> progress) throws IOException {
        long began = System.nanoTime();
        Script script = Script.of(seed, users, history + days, tuning);
        Map<String, Score> scores = guards(script);
        progress.accept(String.format(
                "seed %d: %d actions, %d attacks, %.1f s",
                seed, script.actions().size(), script.attacks().size(), (System.nanoTime() - began) / 1e9));
        return scores;
    }

    /**
     * Lets Postbrake guard the fleet of one seed in a closed loop; {@code watcher} hears every event and what came of it.
     *
     * @throws IOException when the made-up geography cannot be written to the temporary folder
     */
    public void watched(long seed, DetectionListener watcher) throws IOException {
        Script script = Script.of(seed, users, history + days, tuning);
        withPlaces(script, geo -> Score.of(script, new PostbrakeGuard(seed, config, geo, watcher)));
    }

    private Map<String, Score> guards(Script script) throws IOException {
        Map<String, Score> result = new LinkedHashMap<>();
        withPlaces(script, geo -> {
            if (contenders != Contenders.POSTBRAKE) {
                limits(script, geo, result);
            }
            if (contenders != Contenders.BASELINES) {
                postbrake(script, geo, result);
            }
        });
        return result;
    }

    private interface Guarding {
        void with(GeoLookup geo) throws IOException;
    }

    private static void withPlaces(Script script, Guarding guarding) throws IOException {
        Path folder = Files.createTempDirectory("postbrake-evaluate");
        Path places = folder.resolve("places.mmdb");
        Path operators = folder.resolve("operators.mmdb");
        try {
            script.geography().write(places, operators);
            try (MaxMindGeo files = MaxMindGeo.open(List.of(places, operators))) {
                Map<String, GeoInfo> known = new HashMap<>();
                guarding.with(ip -> known.computeIfAbsent(ip, files::lookup));
            }
        } finally {
            Files.deleteIfExists(places);
            Files.deleteIfExists(operators);
            Files.deleteIfExists(folder);
        }
    }

    private void limits(Script script, GeoLookup geo, Map<String, Score> result) {
        FixedLimits.Travel.Whereabouts where = ip -> {
            GeoInfo info = geo.lookup(ip);
            return info.latitude() == null ? null : new double[] {info.latitude(), info.longitude()};
        };
        result.put("quotas", fresh(script, new FixedLimits.Quotas()));
        result.put("travel", fresh(script, new FixedLimits.Travel(where)));
        result.put("fail2ban", fresh(script, new FixedLimits.Fail2ban()));
        result.put(
                "union",
                fresh(
                        script,
                        new FixedLimits.Union(List.of(
                                new FixedLimits.Quotas(), new FixedLimits.Travel(where), new FixedLimits.Fail2ban()))));
    }

    private void postbrake(Script script, GeoLookup geo, Map<String, Score> result) throws IOException {
        var guard = new PostbrakeGuard(script.seed(), config, geo);
        if (history == 0) {
            result.put(Report.POSTBRAKE, Score.of(script, guard));
            return;
        }
        result.put(Report.COLD, fresh(script, guard));
        var learnt = new PostbrakeGuard(script.seed(), config, geo);
        learnt.learn(OldLogs.learn(script, script.start() + history * Diary.DAY, geo, config));
        result.put(Report.POSTBRAKE, fresh(script, learnt));
        var watched = new PostbrakeGuard(script.seed(), config, geo);
        result.put(Report.WATCHED, Score.of(script, watched, history, true));
    }

    private Score fresh(Script script, Guard guard) {
        return Score.of(script, guard, history, false);
    }
}
