package io.postbrake.cli;

import io.postbrake.app.DetectionFile;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.MaxMindGeo;
import io.postbrake.replay.LogSource;
import io.postbrake.replay.Replay;
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

    DetectionConfig config() throws IOException {
        return config == null ? DetectionConfig.defaults() : DetectionFile.read(config);
    }

    /** Opens the geo files; {@link GeoLookup#none()} without any. */
    GeoLookup geo() {
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
