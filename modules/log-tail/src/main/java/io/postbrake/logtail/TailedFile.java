package io.postbrake.logtail;

import io.postbrake.logtail.RotatedFiles.Kept;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;

/** One file of a log, its text being read line by line. */
final class TailedFile implements AutoCloseable {

    private final LineCutter lines;
    private final TextProof proof = new TextProof();
    private final long zippedText;
    private Kept kept;
    private LogText text;
    private ReadState state;
    /** Size of a plain file at the last look; a compressed one does not change. */
    private long size;

    private long verified = -1;
    /** Where a plain text ended when no further whole line was found. */
    private long exhausted = -1;

    private boolean finished;
    private boolean unreadable;
    /** The file that has the same text and is the one to read. */
    private TailedFile original;

    private boolean hasName = true;

    private long triedSize = -1;
    private long halfSize = -1;
    private long halfSince;

    TailedFile(Kept kept, int maxLine) throws IOException {
        this.kept = kept;
        this.lines = new LineCutter(maxLine);
        this.size = kept.size();
        this.zippedText = kept.compressed() ? kept.textSize() : 0;
    }

    Kept kept() {
        return kept;
    }

    /** The same file under the name it has now. */
    void seen(Kept now) {
        // A text that was truncated may have grown to its old size again, within one tick of the file's stamp.
        if (isOpen() || now.modified() != kept.modified()) {
            verified = -1;
        }
        kept = now;
        size = now.size();
        original = null;
        hasName = true;
    }

    /** It was deleted while it was open. */
    void nameless() {
        hasName = false;
    }

    boolean hasName() {
        return hasName;
    }

    void isCopyOf(TailedFile other) {
        original = other;
    }

    /** The file of which this one is a copy; null for any other. */
    TailedFile original() {
        return original;
    }

    /** Whether it is not known yet which text this is. */
    boolean unidentified() {
        return state == null && !unreadable && original == null;
    }

    /** The same, and something changed since the last try. */
    boolean worthATry(boolean newerBegun) {
        return unidentified() && size > 0 && (size != triedSize || newerBegun);
    }

    /** Whether its last line has been half for so long that nothing will be added to it. */
    boolean staysHalf(Duration patience) {
        if (halfSize != size) {
            halfSize = size;
            halfSince = System.nanoTime();
            return false;
        }
        return System.nanoTime() - halfSince >= patience.toNanos();
    }

    ReadState state() {
        return state;
    }

    boolean unreadable() {
        return unreadable;
    }

    void giveUp() throws IOException {
        unreadable = true;
        closeText();
    }

    boolean isOpen() {
        return text != null;
    }

    boolean isEmpty() {
        return kept.compressed() ? kept.size() == 0 : size == 0;
    }

    /** Bytes of text; of a compressed file modulo 4 GiB. */
    long textSize() {
        return kept.compressed() ? zippedText : size;
    }

    /** Looks how large an open file is by now, also one that has no name any more. */
    void look() throws IOException {
        if (text instanceof LogText.Plain plain) {
            size = plain.channel().size();
        }
    }

    /**
     * The same of a file that is not open but may still grow: one that was empty when it was found, or one that its writer
     * has not left yet.
     *
     * @throws NoSuchFileException when its name is another file's by now
     */
    void lookByName() throws IOException {
        if (text == null && hasName && !kept.compressed() && !unreadable) {
            size = RotatedFiles.sizeOf(kept);
        }
    }

    /** Identity of its text; null while that is not known. {@code ended}: nothing will be added to its first line. */
    String source(Naming naming, boolean ended) throws IOException {
        LogText begun = text();
        triedSize = size;
        return proof.begin(begun, naming, ended || kept.compressed());
    }

    /** Names a text by its beginning. */
    interface Naming {
        String of(byte[] head, int length);
    }

    void bind(ReadState to) throws IOException {
        state = to;
        to.inode = kept.inode();
        exhausted = -1;
        finished = kept.compressed() && zippedText == (to.offset & 0xFFFF_FFFFL);
    }

    /** Whether this file has the text up to where {@code known} was read. */
    boolean matches(ReadState known) throws IOException {
        if (kept.compressed()) {
            return zippedText >= (known.offset & 0xFFFF_FFFFL);
        }
        return size >= known.offset && TextProof.tailMatches(text, known);
    }

    /** Whether all of this text is the beginning of the other's: a copy, or one that is being made. */
    boolean isBeginningOf(TailedFile other) throws IOException {
        if (other.kept.compressed()) {
            return false;
        }
        long mine = textSize();
        if (mine > other.size || mine == 0) {
            return false;
        }
        return TextProof.sameEnd(text(), other.text(), mine);
    }

    /** False when the text that was read is not there any more: truncated, or another file with the number of this one. */
    boolean verify() throws IOException {
        if (state == null || kept.compressed() || size == verified) {
            return true;
        }
        if (size < state.offset) {
            return false;
        }
        boolean same = proof.holds(text(), state);
        verified = size;
        return same;
    }

    /**
     * As {@link #verify}, and takes nothing from its size or name: it may have grown to its old size, or its inode may be
     * another file's by now.
     */
    boolean verifyNow() throws IOException {
        var unused = text();
        look();
        verified = -1;
        return verify();
    }

    /** Its text began anew. */
    void reset() throws IOException {
        closeText();
        state = null;
        proof.forget();
        verified = -1;
        exhausted = -1;
        triedSize = -1;
        halfSize = -1;
    }

    /** Whether there may be a whole line to read, or less than there was. */
    boolean unread() {
        if (state == null || unreadable) {
            return false;
        }
        return kept.compressed() ? !finished : size < state.offset || size > Math.max(exhausted, state.offset);
    }

    /** Bytes after the last whole line, once all whole lines were read. */
    long half() {
        return state == null || unreadable || kept.compressed() ? 0 : Math.max(0, size - state.offset);
    }

    /** Bytes of text that are not read yet. */
    long behind() {
        if (state == null || unreadable || finished) {
            return 0;
        }
        return Math.max(0, textSize() - state.offset);
    }

    /** Reading goes on from this start of a line; {@code ended}: nothing is behind it, nor will be. */
    void goOnFrom(long offset, int tail, boolean ended) {
        state.offset = offset;
        state.tail = tail;
        state.safe(offset, tail);
        exhausted = -1;
        finished = ended;
    }

    /** Reads whole lines until the budget is spent or there is none. */
    void read(List<LogLine> into, ReadBudget budget, byte[] buffer) throws IOException {
        if (lines.read(text(), state, into, budget, buffer)) {
            ended(into, budget);
        }
    }

    private void ended(List<LogLine> into, ReadBudget budget) throws IOException {
        if (!kept.compressed()) {
            exhausted = size;
            return;
        }
        half(into, budget);
        finished = true;
        closeText();
    }

    /** Takes what stands after the last whole line as a line of its own: nothing will be added to it. */
    void half(List<LogLine> into, ReadBudget budget) throws IOException {
        lines.half(text(), state, into, budget);
    }

    /** Opens it by its name, which may belong to another file since it was listed. */
    LogText text() throws IOException {
        if (text == null) {
            LogText opened = LogText.open(kept.path(), kept.compressed());
            if (RotatedFiles.inode(kept.path()) != kept.inode()
                    || (kept.compressed() && Files.size(kept.path()) != kept.size())) {
                opened.close();
                throw new NoSuchFileException(kept.path().toString(), null, "renamed");
            }
            text = opened;
            verified = -1;
            look();
        }
        return text;
    }

    void closeText() throws IOException {
        lines.forget();
        if (text != null) {
            LogText closing = text;
            text = null;
            closing.close();
        }
    }

    @Override
    public void close() throws IOException {
        closeText();
    }
}
