package io.postbrake.settings;

import java.net.BindException;

/** What to say when another program listens already where one of ours is to. */
public final class PortTaken {

    /** Something that begins to listen. */
    public interface Listening<T, E extends Exception> {
        /** Begins. */
        T begin() throws E;
    }

    private PortTaken() {}

    /**
     * What {@code part} gives.
     *
     * @throws IllegalArgumentException naming {@code key} and {@code port} when the port is taken; whatever else goes wrong is
     *     thrown as it is
     */
    @SuppressWarnings("unchecked") // Nothing else is thrown.
    public static <T, E extends Exception> T named(String key, int port, Listening<T, E> part) throws E {
        try {
            return part.begin();
        } catch (Exception e) {
            for (Throwable t = e; t != null; t = t.getCause()) {
                if (t instanceof BindException) {
                    throw new IllegalArgumentException(
                            key + " is " + port + ": this machine has no such address, or another program listens"
                                    + " there (`ss -ltnp` names it); end that, or give another port, 0 for any",
                            e);
                }
            }
            if (e instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw (E) e;
        }
    }
}
