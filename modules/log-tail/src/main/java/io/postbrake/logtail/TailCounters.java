package io.postbrake.logtail;

import java.util.concurrent.atomic.AtomicLong;

/** What happened to one log since the start; other threads look at it. */
public final class TailCounters {

    /** Lines read. */
    public final AtomicLong lines = new AtomicLong();
    /** How often the log was truncated while it was followed. */
    public final AtomicLong truncations = new AtomicLong();
    /** How often the text that was read last was gone, so that lines may be missing. */
    public final AtomicLong gaps = new AtomicLong();
    /** Kept files that cannot be read. */
    public final AtomicLong unreadable = new AtomicLong();
    /** Bytes of text that are there and not read yet. */
    public final AtomicLong behind = new AtomicLong();
}
