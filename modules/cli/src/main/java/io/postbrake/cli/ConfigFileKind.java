package io.postbrake.cli;

import io.postbrake.agent.AgentConfig;
import io.postbrake.app.DetectorConfig;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.local.LocalConfig;
import io.postbrake.settings.Settings;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files that Postbrake reads. Which one a file is, its keys tell: that of which it has the most keys. */
public enum ConfigFileKind {
    up(LocalConfig::of),
    agent((settings, file) -> AgentConfig.of(settings, null)),
    detector(DetectorConfig::of),
    detection((settings, file) -> settings.attempt(() -> DetectionConfig.of(settings.values())));

    private final BiConsumer<Settings, Path> reader;

    ConfigFileKind(BiConsumer<Settings, Path> reader) {
        this.reader = reader;
    }

    /** All that is wrong with {@code file}, a sentence each. */
    public List<String> problems(Settings settings, Path file) {
        Settings collecting = settings.collecting();
        reader.accept(collecting, file);
        return collecting.problems();
    }

    /** Its keys at the outermost level. */
    Set<String> keys() {
        if (this == detection) {
            return DetectionConfig.keys().keySet();
        }
        Settings nothing = Settings.of(Map.of()).collecting();
        reader.accept(nothing, Path.of("nothing.yaml"));
        return nothing.keys();
    }

    /**
     * What kind of file has such settings.
     *
     * @throws IllegalArgumentException when nothing in it tells
     */
    public static ConfigFileKind of(Settings settings) {
        Map<ConfigFileKind, Long> known =
                Stream.of(values()).collect(Collectors.toMap(kind -> kind, kind -> kind.shareOf(settings.given())));
        // A detection's keys alone may be a section of any other file; two others that fit alike are not told apart.
        List<ConfigFileKind> best = Stream.of(values())
                .sorted(Comparator.comparing(known::get, Comparator.reverseOrder()))
                .toList();
        if (known.get(best.get(0)) == 0 || known.get(best.get(0)).equals(known.get(best.get(1)))) {
            throw new IllegalArgumentException(
                    "what kind of file this is its keys " + new TreeSet<>(settings.given()) + " do not tell: say --as "
                            + Stream.of(values()).map(Enum::name).collect(Collectors.joining("|")));
        }
        return best.get(0);
    }

    private long shareOf(Set<String> given) {
        Set<String> keys = keys();
        return given.stream()
                .filter(key -> keys.contains(key) || keys.stream().anyMatch(k -> k.startsWith(key + ".")))
                .count();
    }
}
