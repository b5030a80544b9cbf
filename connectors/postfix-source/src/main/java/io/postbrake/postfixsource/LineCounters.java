package io.postbrake.postfixsource;

import java.util.concurrent.atomic.AtomicLong;

/** What became of the lines of one source since the start; other threads look at it. */
final class LineCounters {

    /** Lines of other programs, and empty ones. */
    final AtomicLong foreign = new AtomicLong();
    /** Lines that could not be understood. */
    final AtomicLong unparsed = new AtomicLong();
    /** Lines longer than allowed, of which the rest was left out. */
    final AtomicLong cut = new AtomicLong();
    /** Lines without a stamp that were there before a log was first read, so that nobody knows of when they are. */
    final AtomicLong undated = new AtomicLong();
    /** Texts of lines that the quarantine had no room for, or could not be written. */
    final AtomicLong unkept = new AtomicLong();
}
