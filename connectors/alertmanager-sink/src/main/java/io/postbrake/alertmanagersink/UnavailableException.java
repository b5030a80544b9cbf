package io.postbrake.alertmanagersink;

import java.time.Duration;

/** The receiver is away, overloaded or does not let us in; nothing that was to be told is bad. */
final class UnavailableException extends Exception {

    private static final long serialVersionUID = 1;

    private final transient Duration retryAfter;

    /** {@code retryAfter} as the receiver asked for; null when it did not. */
    UnavailableException(String message, Duration retryAfter) {
        super(message);
        this.retryAfter = retryAfter;
    }

    Duration retryAfter() {
        return retryAfter;
    }
}
