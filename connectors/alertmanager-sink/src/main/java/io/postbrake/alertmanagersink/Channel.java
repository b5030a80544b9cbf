package io.postbrake.alertmanagersink;

import java.time.Instant;

/** One receiver of incidents; called from one thread only. */
interface Channel {

    /** Name in logs and metrics, without secrets. */
    String name();

    /**
     * Tells what is due.
     *
     * @throws UnavailableException when the receiver cannot take it now; the same is due again later
     */
    void deliver(Instant now) throws UnavailableException, InterruptedException;
}
