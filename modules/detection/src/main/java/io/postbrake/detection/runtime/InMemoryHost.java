package io.postbrake.detection.runtime;

import io.postbrake.detection.correlation.CorrelationState;
import io.postbrake.detection.correlation.Correlator;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.Watermark;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One host's part of the correlation in maps. */
final class InMemoryHost implements CorrelationState {

    record Source(String id, long generation) {}

    final Map<String, OpenMessage> messages = new HashMap<>();
    final Map<Source, Watermark> watermarks = new HashMap<>();
    /** Nearly every line comes from the source of the line before. */
    @Nullable
    Watermark newest;

    void forgetDead(Correlator correlator, Instant now) {
        messages.values().removeIf(m -> correlator.dead(m, now));
        watermarks.values().removeIf(w -> correlator.dead(w, now));
    }

    @Override
    public @Nullable OpenMessage message(String queueId) {
        return messages.get(queueId);
    }

    @Override
    public void putMessage(String queueId, OpenMessage message) {
        messages.put(queueId, message);
    }

    @Override
    public void removeMessage(String queueId) {
        messages.remove(queueId);
    }

    @Override
    public @Nullable Watermark watermark(String sourceId, long generation) {
        return isNewest(sourceId, generation) ? newest : watermarks.get(new Source(sourceId, generation));
    }

    @Override
    public void putWatermark(Watermark watermark) {
        if (newest != null && !isNewest(watermark.getSourceId(), watermark.getGeneration())) {
            watermarks.put(new Source(newest.getSourceId(), newest.getGeneration()), newest);
        }
        newest = watermark;
    }

    private boolean isNewest(String sourceId, long generation) {
        return newest != null
                && newest.getGeneration() == generation
                && newest.getSourceId().equals(sourceId);
    }
}
