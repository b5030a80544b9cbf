package io.postbrake.detection.runtime;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.correlation.CorrelationState;
import io.postbrake.geo.GeoLookup;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.SubjectState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;

/** What a detection in memory remembers, seen from outside, and as bytes. */
public final class Stores {

    private Stores() {}

    /** Another detection, of another configuration perhaps, that starts on the bytes of what {@code before} remembers. */
    public static InMemoryDetection restarted(
            InMemoryDetection before, Instant now, GeoLookup geo, DetectionConfig config, DetectionListener listener) {
        var after = new InMemoryDetection(geo, config, listener);
        if (now != null) {
            after.passTo(now);
        }
        before.states((key, state) -> after.restore(readBack(state)));
        before.hosts.forEach((id, host) -> {
            var memory = new InMemoryHost();
            host.messages.forEach((queueId, message) -> memory.messages.put(queueId, readBack(message)));
            memory.watermarks.putAll(host.watermarks);
            memory.newest = host.newest;
            after.hosts.put(id, memory);
        });
        return after;
    }

    /** One host's memory; empty at first. */
    public static CorrelationState host(InMemoryDetection detection, String hostId) {
        return detection.hosts.computeIfAbsent(hostId, id -> new InMemoryHost());
    }

    /** Puts another state in place of a subject's. */
    public static void put(InMemoryDetection detection, SubjectState state) {
        detection.restore(readBack(state));
    }

    /** What a store gives back of a state. */
    private static SubjectState readBack(SubjectState state) {
        return read(bytes(state));
    }

    /** What a store gives back of what it keeps. */
    public static SubjectState read(ByteBuffer bytes) {
        try {
            return SubjectState.fromByteBuffer(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a store keeps of a state; no bytes of none. */
    public static ByteBuffer bytes(SubjectState stateOrNull) {
        try {
            return stateOrNull == null ? ByteBuffer.allocate(0) : stateOrNull.toByteBuffer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static OpenMessage readBack(OpenMessage message) {
        try {
            return OpenMessage.fromByteBuffer(message.toByteBuffer());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
