package io.postbrake.logtail;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until the system tells of a change beside the logs (inotify). Where it tells of none, because there is no watch to be
 * had or the files are another machine's, waiting ends soon, and whoever waits looks himself.
 */
public final class DirectoryWatch implements AutoCloseable {

    /** What a wait ended with. */
    public enum Change {
        /** Time passed. */
        NONE,
        /** Text was written. */
        WRITTEN,
        /** Files came or went. */
        MOVED
    }

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatch.class);

    private final Duration blind;
    private final Duration watched;
    private final Map<Path, WatchKey> keys = new HashMap<>();
    private WatchService service;
    private boolean complete = true;

    /** Waits up to {@code watched} where changes are told of, else up to {@code blind}. */
    public DirectoryWatch(Duration blind, Duration watched) {
        this.blind = blind;
        this.watched = watched;
        try {
            service = FileSystems.getDefault().newWatchService();
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn(
                    "looking at the logs every {} ms, because they cannot be watched: {}",
                    blind.toMillis(),
                    e.getMessage());
        }
    }

    /** Watches the directories of these logs; true when one is watched anew, so that nobody told of what happened before. */
    public boolean watch(Iterable<Path> logs) {
        boolean anew = false;
        complete = service != null;
        keys.values().removeIf(key -> !key.isValid());
        for (Path log : logs) {
            complete &= !Files.isSymbolicLink(log); // What it points to lies elsewhere.
            Path dir = log.getParent();
            if (service == null || isWatched(dir)) {
                continue;
            }
            try {
                keys.put(
                        dir,
                        dir.register(
                                service,
                                StandardWatchEventKinds.ENTRY_CREATE,
                                StandardWatchEventKinds.ENTRY_DELETE,
                                StandardWatchEventKinds.ENTRY_MODIFY));
                anew = true;
            } catch (IOException e) {
                complete = false;
                LOG.debug("cannot watch {}: {}", dir, e.toString());
            }
        }
        return anew;
    }

    private boolean isWatched(Path dir) {
        return keys.containsKey(dir);
    }

    /** Returns at the first change, or when time is up. */
    public Change await() throws InterruptedException {
        Duration most = complete ? watched : blind;
        if (service == null) {
            TimeUnit.NANOSECONDS.sleep(most.toNanos());
            return Change.NONE;
        }
        Change change = Change.NONE;
        try {
            WatchKey key = service.poll(most.toNanos(), TimeUnit.NANOSECONDS);
            while (key != null) {
                for (WatchEvent<?> event : key.pollEvents()) {
                    change = event.kind() == StandardWatchEventKinds.ENTRY_MODIFY && change != Change.MOVED
                            ? Change.WRITTEN
                            : Change.MOVED;
                }
                key.reset();
                key = service.poll();
            }
        } catch (ClosedWatchServiceException e) {
            return Change.NONE;
        }
        return change;
    }

    @Override
    public void close() throws IOException {
        if (service != null) {
            service.close();
        }
    }
}
