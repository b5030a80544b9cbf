package io.postbrake.postfixsource;

/** How far one text of a log was read, and how far of that the broker has it. */
final class ReadState {

    final String sourceId;
    final long generation;
    /** Which file had this text last; -1 when it is not known. */
    long inode = -1;

    long offset;
    int tail = Fingerprint.UNKNOWN_TAIL;
    long safeOffset;
    int safeTail = Fingerprint.UNKNOWN_TAIL;

    ReadState(String sourceId, long generation) {
        this.sourceId = sourceId;
        this.generation = generation;
    }

    ReadState(Position safe, int tail, long inode) {
        this(safe.sourceId(), safe.generation());
        this.inode = inode;
        this.offset = safe.offset();
        this.tail = tail;
        safe(safe.offset(), tail);
    }

    Position position() {
        return new Position(sourceId, generation, offset);
    }

    void read(LogLine line) {
        offset = line.next().offset();
        tail = line.tail();
    }

    void safe(long upTo, int tailThere) {
        safeOffset = upTo;
        safeTail = tailThere;
    }

    boolean is(Position p) {
        return sourceId.equals(p.sourceId()) && generation == p.generation();
    }
}
