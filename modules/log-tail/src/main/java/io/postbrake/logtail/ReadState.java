package io.postbrake.logtail;

/** How far one text of a log was read, and how far of that the broker has it. */
public final class ReadState {

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

    /**
     * A text that was read up to a place of which the broker has all.
     *
     * @param tail check value of the text before it
     * @param inode which file had it, -1 when that is not known
     */
    public ReadState(Position safe, int tail, long inode) {
        this(safe.sourceId(), safe.generation());
        this.inode = inode;
        this.offset = safe.offset();
        this.tail = tail;
        safe(safe.offset(), tail);
    }

    /** How far it was read. */
    public Position position() {
        return new Position(sourceId, generation, offset);
    }

    /** How far the broker has all of it. */
    public Position safePosition() {
        return new Position(sourceId, generation, safeOffset);
    }

    /** Check value of the text before {@link #safePosition}. */
    public int safeTail() {
        return safeTail;
    }

    /** Which file had this text last; -1 when it is not known. */
    public long inode() {
        return inode;
    }

    void read(LogLine line) {
        offset = line.next().offset();
        tail = line.tail();
    }

    /** The broker has all up to here. */
    public void safe(long upTo, int tailThere) {
        safeOffset = upTo;
        safeTail = tailThere;
    }

    /** Whether a position is one of this text. */
    public boolean is(Position p) {
        return sourceId.equals(p.sourceId()) && generation == p.generation();
    }
}
