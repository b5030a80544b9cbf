package io.postbrake.streams;

import io.postbrake.detection.correlation.CorrelationState;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.Watermark;

/** One host's part of the correlation stores. Keys are host id, a NUL (never part of an id), then the rest. */
final class HostMemory implements CorrelationState {

    private final String prefix;
    private final LiveStore<OpenMessage> messages;
    private final LiveStore<Watermark> watermarks;

    HostMemory(String hostId, LiveStore<OpenMessage> messages, LiveStore<Watermark> watermarks) {
        this.prefix = hostId + '\0';
        this.messages = messages;
        this.watermarks = watermarks;
    }

    @Override
    public OpenMessage message(String queueId) {
        return messages.get(prefix + queueId);
    }

    @Override
    public void putMessage(String queueId, OpenMessage message) {
        messages.put(prefix + queueId, message);
    }

    @Override
    public void removeMessage(String queueId) {
        messages.delete(prefix + queueId);
    }

    @Override
    public Watermark watermark(String sourceId, long generation) {
        return watermarks.get(prefix + sourceId + '\0' + generation);
    }

    @Override
    public void putWatermark(Watermark watermark) {
        watermarks.put(prefix + watermark.getSourceId() + '\0' + watermark.getGeneration(), watermark);
    }
}
