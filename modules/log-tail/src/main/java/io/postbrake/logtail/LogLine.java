package io.postbrake.logtail;

/**
 * One line as it stands in the log, without its line end.
 *
 * @param bytes its text, cut when it was over-long
 * @param at where it begins
 * @param length its whole length in bytes
 * @param next where the next line begins
 * @param tail check value of the text just before {@code next}, see {@link Fingerprint#tail}
 */
public record LogLine(byte[] bytes, Position at, long length, Position next, int tail) {

    /** Whether it was over-long. */
    public boolean cut() {
        return length > bytes.length;
    }
}
