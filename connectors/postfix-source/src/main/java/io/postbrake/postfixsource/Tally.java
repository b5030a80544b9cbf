package io.postbrake.postfixsource;

import java.util.concurrent.atomic.AtomicLong;

/** What happened to one log since the start; other threads look at it. */
final class Tally {

    /** Lines read. */
    final AtomicLong lines = new AtomicLong();
    /** Lines of other programs, and empty ones. */
    final AtomicLong foreign = new AtomicLong();
    /** Lines that could not be understood. */
    final AtomicLong unparsed = new AtomicLong();
    /** Lines longer than allowed, of which the rest was left out. */
    final AtomicLong cut = new AtomicLong();
    /** How often the log was truncated while it was followed. */
    final AtomicLong truncations = new AtomicLong();
    /** How often the text that was read last was gone, so that lines may be missing. */
    final AtomicLong gaps = new AtomicLong();
    /** Kept files that cannot be read. */
    final AtomicLong unreadable = new AtomicLong();
    /** Texts of lines that the quarantine had no room for, or could not be written. */
    final AtomicLong unkept = new AtomicLong();
    /** Bytes of text that are there and not read yet. */
    final AtomicLong behind = new AtomicLong();
}
