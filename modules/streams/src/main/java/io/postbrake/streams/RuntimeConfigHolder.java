package io.postbrake.streams;

import io.postbrake.control.Control;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.config.RuntimeConfig;
import io.postbrake.detection.decision.SubjectEngine;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration in force in this process: every instance reads the whole control topic before it judges anything, and
 * each record from then on. For many threads.
 */
final class RuntimeConfigHolder {
    private static final Logger LOG = LoggerFactory.getLogger(RuntimeConfigHolder.class);

    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private RuntimeConfig controls;
    private volatile SubjectEngine engine;

    RuntimeConfigHolder(DetectionConfig file) {
        controls = RuntimeConfig.of(file);
        engine = new SubjectEngine(controls.config());
    }

    /** The engine for the configuration in force now. */
    SubjectEngine engine() {
        return engine;
    }

    long taken() {
        return taken.get();
    }

    long refused() {
        return refused.get();
    }

    /** Takes a record of the topic; one that is wrong changes nothing. Both are counted. Whether it was taken. */
    synchronized boolean take(String key, Control controlOrNull) {
        DetectionConfig before = controls.config();
        try {
            controls = controls.with(key, controlOrNull);
        } catch (IllegalArgumentException e) {
            refused.incrementAndGet();
            LOG.error("A control record was refused, what held before stays in force: {}", plain(e.getMessage()));
            return false;
        }
        DetectionConfig now = controls.config();
        if (!now.equals(before)) {
            engine = new SubjectEngine(now);
            LOG.info(
                    "The configuration changed: {}, {} entries in the allow-lists",
                    controls.replaced() ? "the control topic's is in force" : "the file's is in force",
                    now.allow().entries().size());
        }
        taken.incrementAndGet();
        return true;
    }

    private static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
