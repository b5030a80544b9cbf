package io.postbrake.logtail;

/** How much may still be read in this turn. */
final class ReadBudget {
    int lines;
    long bytes;

    ReadBudget(int lines, long bytes) {
        this.lines = lines;
        this.bytes = bytes;
    }

    boolean left() {
        return lines > 0 && bytes > 0;
    }
}
