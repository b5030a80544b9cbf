package io.postbrake.mail;

/** The relay is away, lets us not in, or takes nothing now: the same mail may pass later. */
public final class RelayException extends Exception {

    private static final long serialVersionUID = 1;

    private final boolean ofContent;

    RelayException(String message, boolean ofContent) {
        super(message);
        this.ofContent = ofContent;
    }

    /** Whether the relay refused for good what the mail says: the same one will not pass later either. */
    public boolean ofContent() {
        return ofContent;
    }
}
