package io.postbrake.detection.correlation;

import io.postbrake.state.OpenMessage;
import io.postbrake.state.Watermark;
import org.jspecify.annotations.Nullable;

/** One host's memory, given by whoever runs the correlator: a state store live, a map in replay. */
public interface CorrelationState {

    /** The open message of a queue id, or null. It is the caller's to change, and to put back when it did. */
    @Nullable
    OpenMessage message(String queueId);

    void putMessage(String queueId, OpenMessage message);

    void removeMessage(String queueId);

    /** The newest position seen of a source and generation, or null. */
    @Nullable
    Watermark watermark(String sourceId, long generation);

    void putWatermark(Watermark watermark);
}
