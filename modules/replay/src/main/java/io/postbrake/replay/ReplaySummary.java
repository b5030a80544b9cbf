package io.postbrake.replay;

import java.time.Instant;

/**
 * What a replay has read and said.
 *
 * @param lines lines read
 * @param unparsed lines that could not be read as what they begin like, or have no time stamp
 * @param foreign lines that are another program's
 * @param clamped lines whose stamp was far ahead of the lines around them, and which took the time before
 * @param submissions submissions made of them
 * @param findings opinions of detectors
 * @param alerts states of incidents
 * @param blocks blocks put, escalated or extended
 * @param first time of the first line; null without any
 * @param last newest time seen; null without any
 */
public record ReplaySummary(
        long lines,
        long unparsed,
        long foreign,
        long clamped,
        long submissions,
        long findings,
        long alerts,
        long blocks,
        Instant first,
        Instant last) {

    /** Whether any line was one of Postfix that could be read. */
    public boolean understood() {
        return lines > unparsed + foreign;
    }
}
