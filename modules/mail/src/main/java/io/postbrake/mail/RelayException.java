package io.postbrake.mail;

/** The relay is away, lets us not in, or takes nothing now: the same mail may pass later. */
public final class RelayException extends Exception {

    private static final long serialVersionUID = 1;

    RelayException(String message) {
        super(message);
    }
}
