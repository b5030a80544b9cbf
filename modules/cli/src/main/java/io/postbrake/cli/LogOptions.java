package io.postbrake.cli;

import io.postbrake.app.DetectionFile;
import io.postbrake.app.ReputationLists;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.geo.AddressLists;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.MaxMindGeo;
import io.postbrake.replay.LogSource;
import io.postbrake.replay.Replay;
import io.postbrake.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which logs are read, and with what beside them. */
final class LogOptions {

    @Option(
            names = "--log",
            paramLabel = "HOST=FILE[,zone=Z][,year=Y][,envelopes=E]",
            converter = LogOption.Converter.class,
            description = "Log of a host, plain or .gz; again for each host and each rotated file.")
    private List<LogOption> logs = List.of();

    @Option(names = "--geo", paramLabel = "FILE", description = "MaxMind DB file of places; may be given again.")
    private List<Path> geo = List.of();

    @Option(names = "--asn", paramLabel = "FILE", description = "MaxMind DB file of networks; may be given again.")
    private List<Path> asn = List.of();

    @Option(
            names = "--list",
            paramLabel = "[KIND:]FILE",
            description = "List of addresses with a reputation, as reputation.lists has them; may be given again.")
    private List<String> lists = List.of();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML of the detection, or a file that has it as its section 'detection'.")
    private Path config;

    @Mixin
    private JournalOptions journal;

    boolean isEmpty() {
        return logs.isEmpty();
    }

    boolean hasConfig() {
        return config != null;
    }

    /** What {@code --config} says; a file of up, a detector or an agent that says nothing of the detection has its defaults. */
    DetectionConfig config() throws IOException {
        boolean silent =
                config == null || (isOfProcess() && !Settings.read(config).has("detection"));
        return silent ? DetectionConfig.defaults() : DetectionFile.read(config);
    }

    Path configFile() {
        return config;
    }

    /** As {@link #geo}; those that the file of {@code --config} names when no option does. */
    GeoLookup geoOrOfConfig() throws IOException {
        boolean itsOwn = geo.isEmpty() && asn.isEmpty() && fileOfProcess() != null;
        List<Path> files = itsOwn ? Settings.read(config).paths("geo.files") : List.of();
        boolean itsLists = lists.isEmpty() && fileOfProcess() != null;
        List<String> named = itsLists ? ReputationLists.named(Settings.read(config)) : lists;
        return AddressLists.open(named).beside(files.isEmpty() ? places() : MaxMindGeo.open(files));
    }

    /** The file of {@code --config} when it is one of up, a detector or an agent, which knows a cluster; null otherwise. */
    Path fileOfProcess() throws IOException {
        return config != null && isOfProcess() ? config : null;
    }

    private boolean isOfProcess() throws IOException {
        Settings file = Settings.read(config);
        return file.has("kafka") || file.has("client.file") || (file.has("host") && file.has("log"));
    }

    /** Opens the geo files and lists that options name; a lookup that knows nothing without any. */
    GeoLookup geo() {
        return AddressLists.open(lists).beside(places());
    }

    private GeoLookup places() {
        List<Path> files = new ArrayList<>(geo);
        files.addAll(asn);
        return files.isEmpty() ? GeoLookup.none() : MaxMindGeo.open(files);
    }

    /** Refuses a log that cannot be read, before anything is done. */
    void check() throws IOException {
        for (LogOption log : logs) {
            log.open(journal.rule());
        }
    }

    List<LogSource> addTo(Replay.Builder replay) throws IOException {
        List<LogSource> sources = new ArrayList<>();
        for (LogOption log : logs) {
            LogSource source = log.open(journal.rule());
            sources.add(source);
            replay.host(log.host(), source);
        }
        return sources;
    }
}
