package io.postbrake.postfixsource;

import io.postbrake.logtail.Checkpoint;
import io.postbrake.logtail.JournalSelection;
import io.postbrake.logtail.LogPattern;
import io.postbrake.logtail.LogTailer;
import io.postbrake.logtail.PodLogs;
import io.postbrake.logtail.Position;
import io.postbrake.logtail.ReadState;
import io.postbrake.logtail.TailCounters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceConnector;

/** Ships the Postfix logs of one mail host as events; one task, so that a host's events stay in order. */
public final class PostfixSourceConnector extends SourceConnector {

    private Map<String, String> settings;

    @Override
    public void start(Map<String, String> settings) {
        var unused = new PostfixSourceConfig(settings);
        this.settings = Map.copyOf(settings);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return PostfixSourceTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return List.of(settings);
    }

    /**
     * Takes positions that an operator set or reset (KIP-875): checked against the files that are kept, then written to the
     * checkpoint, which is what the task goes by. All of them or none.
     */
    @Override
    public boolean alterOffsets(Map<String, String> settings, Map<Map<String, ?>, Map<String, ?>> offsets) {
        var config = new PostfixSourceConfig(settings);
        Map<Path, List<ReadState>> wanted = new LinkedHashMap<>();
        Map<JournalSelection, Optional<String>> cursors = new LinkedHashMap<>();
        try {
            for (Map.Entry<Map<String, ?>, Map<String, ?>> entry : offsets.entrySet()) {
                boolean noLog = Offsets.LISTENER.equals(entry.getKey()) || Offsets.REPORTS.equals(entry.getKey());
                if (entry.getValue() == null && noLog) {
                    continue;
                }
                if (Offsets.isJournal(entry.getKey())) {
                    cursors.put(
                            journal(config, entry.getKey()),
                            Optional.ofNullable(entry.getValue()).map(Offsets::cursor));
                    continue;
                }
                Path log = Offsets.log(entry.getKey());
                wanted.put(
                        log,
                        entry.getValue() == null ? List.of() : moved(log, config, Offsets.position(entry.getValue())));
            }
            StateDir.create(config.stateDir());
            for (Map.Entry<Path, List<ReadState>> entry : wanted.entrySet()) {
                var checkpoint = new Checkpoint(config.stateDir(), entry.getKey());
                if (entry.getValue().isEmpty()) {
                    checkpoint.delete();
                } else {
                    checkpoint.write(entry.getValue());
                }
            }
            for (Map.Entry<JournalSelection, Optional<String>> entry : cursors.entrySet()) {
                var checkpoint = new JournalCheckpoint(config.stateDir(), entry.getKey());
                if (entry.getValue().isEmpty()) {
                    checkpoint.delete();
                } else {
                    checkpoint.write(entry.getValue().get());
                }
            }
        } catch (IOException e) {
            throw new ConnectException("cannot set the position: " + e, e);
        }
        return true;
    }

    private static JournalSelection journal(PostfixSourceConfig config, Map<String, ?> partition) {
        JournalSelection journal = config.journal();
        if (journal == null || !Offsets.journal(journal.name()).equals(partition)) {
            throw new ConnectException(partition + " is none of " + PostfixSourceConfig.LOG_PATHS);
        }
        return journal;
    }

    private static List<ReadState> moved(Path log, PostfixSourceConfig config, Position to) throws IOException {
        boolean configured = false;
        for (LogPattern pattern : config.logs()) {
            configured |= pattern.logs().contains(log);
        }
        PodLogs pods = config.pods();
        configured |= pods != null
                && pods.logs().stream().anyMatch(other -> other.file().equals(log));
        if (!configured) {
            throw new ConnectException(log + " is none of " + PostfixSourceConfig.LOG_PATHS);
        }
        int maxLine = config.getInt(PostfixSourceConfig.LINE_MAX);
        var known = new Checkpoint(config.stateDir(), log).read();
        try (var tailer = new LogTailer(
                log,
                maxLine,
                known,
                config.millis(PostfixSourceConfig.RESCAN_INTERVAL),
                LogTailer.PATIENCE,
                LogTailer.bufferFor(maxLine),
                new TailCounters())) {
            tailer.moveTo(to);
            return tailer.known();
        } catch (IllegalArgumentException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    @Override
    public void stop() {}

    @Override
    public ConfigDef config() {
        return PostfixSourceConfig.definition();
    }

    @Override
    public String version() {
        String version = getClass().getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
