package io.postbrake.wire;

/** The registry did not answer for as long as its caller would wait. */
public final class RegistryAwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RegistryAwayException(String message) {
        super(message);
    }
}
