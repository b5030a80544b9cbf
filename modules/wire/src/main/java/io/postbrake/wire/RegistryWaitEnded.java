package io.postbrake.wire;

/**
 * The wait for an unavailable registry was given up, because the process stops. An error and no exception: Kafka's
 * handlers of bad records catch every exception, and would put a good record aside and go on.
 */
public final class RegistryWaitEnded extends Error {
    private static final long serialVersionUID = 1L;

    RegistryWaitEnded(String message) {
        super(message);
    }
}
