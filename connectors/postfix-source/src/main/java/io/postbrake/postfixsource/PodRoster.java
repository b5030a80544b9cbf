package io.postbrake.postfixsource;

import io.postbrake.logtail.Checkpoint;
import io.postbrake.logtail.PodLogs.PodLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which pods of this node were shipped, kept in a file: of a pod that ends, also while the shipper is down, somebody must say that
 * it is no host any more, and its checkpoints may go. Thread-safe.
 */
final class PodRoster {

    private static final Logger LOG = LoggerFactory.getLogger(PodRoster.class);
    private static final String NO_LOG = "-";

    private final Path state;
    private final Path file;
    /** Logs that have a checkpoint. */
    private final Map<Path, LogHost> logs = new LinkedHashMap<>();
    /** Pods of which nothing is left, by their uid. */
    private final Map<String, LogHost> ended = new LinkedHashMap<>();
    /** Those whose farewell is on its way. */
    private final Set<String> saying = new HashSet<>();

    private String written;

    /** The one that is kept in {@code state}, the shipper's directory. */
    PodRoster(Path state) throws IOException {
        this.state = state;
        file = state.resolve("pods");
        try {
            written = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return; // Nobody has looked for pods on this node.
        }
        for (String line : written.lines().toList()) {
            String[] words = line.split(" ", 3);
            if (words.length == 3) {
                var host = new LogHost(words[0], words[1]);
                if (words[2].equals(NO_LOG)) {
                    ended.put(host.id(), host);
                } else {
                    logs.put(Path.of(words[2]), host);
                }
            }
        }
    }

    /** Whether nobody has looked for pods on this node before. */
    synchronized boolean isNew() {
        return written == null;
    }

    static LogHost host(PodLog log) {
        return new LogHost(log.pod().uid(), log.pod().label());
    }

    /**
     * Looks who came and who went.
     *
     * @param there logs that are there
     * @param followed logs of which something may still be read, there or not
     */
    synchronized void look(List<PodLog> there, Set<Path> followed) throws IOException {
        Set<Path> now = new HashSet<>(followed);
        for (PodLog log : there) {
            now.add(log.file());
            logs.put(log.file(), host(log));
            ended.remove(log.pod().uid());
        }
        for (Map.Entry<Path, LogHost> log : List.copyOf(logs.entrySet())) {
            if (!now.contains(log.getKey())) {
                LogShipper.forget(state, log.getKey());
                logs.remove(log.getKey());
                if (!logs.containsValue(log.getValue())) {
                    ended.put(log.getValue().id(), log.getValue());
                }
            }
        }
        write();
    }

    /** Pods that ended and of which nobody has said so; each once until the shipper is started again. */
    synchronized List<LogHost> farewells() {
        return ended.values().stream().filter(host -> saying.add(host.id())).toList();
    }

    /** The broker has the farewell of this pod. */
    synchronized void farewellKept(String uid) {
        ended.remove(uid);
        saying.remove(uid);
        try {
            write();
        } catch (IOException e) {
            LOG.warn("cannot write {}: its farewell will be said once more: {}", file, e.toString());
        }
    }

    private void write() throws IOException {
        List<String> lines = new ArrayList<>();
        logs.forEach((log, host) -> lines.add(host.id() + " " + host.label() + " " + log));
        ended.values().forEach(host -> lines.add(host.id() + " " + host.label() + " " + NO_LOG));
        String text = lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
        if (!text.equals(written)) {
            Checkpoint.replace(file, text);
            written = text;
        }
    }
}
