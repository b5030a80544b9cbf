package io.postbrake.logtail;

import io.postbrake.logtail.RotatedFiles.Kept;
import io.postbrake.logtail.RotatedFiles.Packing;
import io.postbrake.logtail.TailedFile.Budget;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one log through all of its files, oldest first. How far each text was read is remembered by what the text is, so a
 * file may be renamed, compressed or copied meanwhile, whether somebody looks or not, and goes on where it was left.
 */
public final class LogTailer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogTailer.class);
    /** How long a rotated file's last line may stay half. */
    public static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Texts that are gone are remembered so long that a file put back is known again. */
    private static final int REMEMBERED = 64;

    private static final int ATTEMPTS = 3;
    /** The log, and the file before it: its writer goes on there until it is told of the rotation. */
    private static final int GROWING = 2;

    private final Path log;
    private final int maxLine;
    private final RotatedFiles files;
    private final TailCounters counters;
    private final Duration rescan;
    private final Duration patience;
    private final byte[] buffer;
    /** Oldest text first. */
    private final List<ReadState> known;

    private List<TailedFile> followed = new ArrayList<>();
    private boolean scanWanted = true;
    private long scannedAt;
    private long liveInode = -1;

    /**
     * A tailer that goes on where {@code known} says.
     *
     * @param log the log as syslog names it
     * @param maxLine longest line that is kept whole, in bytes
     * @param known how far texts were read, oldest first
     * @param rescan how often to look for files nobody told of
     * @param patience how long a rotated file's last line may stay half
     * @param buffer to read into, shared by all tailers of a thread
     */
    public LogTailer(
            Path log,
            int maxLine,
            List<ReadState> known,
            Duration rescan,
            Duration patience,
            byte[] buffer,
            TailCounters counters) {
        this.log = log.toAbsolutePath();
        this.maxLine = maxLine;
        this.known = new ArrayList<>(known);
        this.files = new RotatedFiles(this.log);
        this.rescan = rescan;
        this.patience = patience;
        this.buffer = buffer;
        this.counters = counters;
    }

    /** A buffer that is large enough for lines of {@code maxLine} bytes. */
    public static byte[] bufferFor(int maxLine) {
        return new byte[Math.max(1 << 18, maxLine)];
    }

    /** Begins at the end of what is there now: only what is written from now on is read. */
    public void skipToEnd() throws IOException {
        scan();
        for (TailedFile file : followed) {
            if (file.state() != null) {
                file.skipToEnd();
            }
        }
    }

    /** Begins so many bytes before the end of what is there now, rotated files included, with a whole line. */
    public void skipToLast(long bytes) throws IOException {
        scan();
        long left = bytes;
        for (int i = followed.size() - 1; i >= 0; i--) {
            TailedFile file = followed.get(i);
            if (file.state() != null) {
                left = file.skipToLast(left);
            }
        }
    }

    /** Reads once more the text that was read last before the stop, or says that it is gone. */
    public void resume() throws IOException {
        scan();
        if (known.isEmpty() || followed.stream().anyMatch(f -> f.state() == newest())) {
            return;
        }
        if (newest().offset > 0) {
            counters.gaps.incrementAndGet();
            LOG.warn("the text of {} that was read last is gone: lines may be missing", log);
        }
    }

    /**
     * Goes on at a place that somebody chose: what is older counts as read, what is newer as not read.
     *
     * @throws IllegalArgumentException when no line that is kept begins there
     */
    public void moveTo(Position wanted) throws IOException {
        scan();
        TailedFile target = followed.stream()
                .filter(f -> f.state() != null && f.state().is(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no file of " + log + " has source " + wanted.sourceId()
                        + ", generation " + wanted.generation() + "; there are "
                        + known.stream()
                                .filter(this::isBound)
                                .map(ReadState::position)
                                .toList()));
        if (!target.isLineStart(wanted.offset())) {
            throw new IllegalArgumentException(target.kept().path() + " has no line that begins at " + wanted.offset());
        }
        int place = followed.indexOf(target);
        for (TailedFile file : followed.subList(0, place)) {
            if (file.state() != null) {
                file.skipToEnd();
            }
        }
        target.moveTo(wanted.offset());
        for (TailedFile file : followed.subList(place + 1, followed.size())) {
            if (file.state() != null) {
                file.moveTo(0);
            }
        }
    }

    private ReadState newest() {
        return known.stream().filter(s -> s.safeOffset > 0).reduce((a, b) -> b).orElse(known.get(known.size() - 1));
    }

    /** Has the directory looked at before the next line is read. */
    public void rescan() {
        scanWanted = true;
    }

    /** How far each text was read, oldest first. */
    public List<ReadState> known() {
        return known;
    }

    /** Up to so many further lines, and about so many bytes of text; empty when there are none yet. */
    public List<LogLine> poll(int lines, long bytes) throws IOException {
        List<LogLine> result = new ArrayList<>();
        try {
            poll(result, new Budget(lines, bytes));
        } catch (IOException e) {
            if (result.isEmpty()) {
                throw e;
            }
            // The position is past these lines already: hand them over, the next poll meets the error again.
            LOG.warn("reading {} ended early: {}", log, e.getMessage());
        }
        counters.lines.addAndGet(result.size());
        return result;
    }

    private void poll(List<LogLine> lines, Budget budget) throws IOException {
        boolean moved = scanWanted || System.nanoTime() - scannedAt > rescan.toNanos();
        for (int attempt = 0; attempt < ATTEMPTS && budget.left(); attempt++) {
            try {
                if (moved || files.liveInode() != liveInode) {
                    scan();
                }
                read(lines, budget);
                return;
            } catch (NoSuchFileException e) {
                moved = true; // Renamed since it was listed.
            }
        }
        scanWanted = true;
    }

    private void read(List<LogLine> lines, Budget budget) throws IOException {
        while (budget.left()) {
            TailedFile next = oldestUnread(lines, budget);
            if (next == null) {
                return;
            }
            if (!next.verifyNow()) {
                changed(next);
                scan();
                continue;
            }
            try {
                next.read(lines, budget, buffer);
            } catch (NoSuchFileException e) {
                throw e;
            } catch (IOException e) {
                if (!next.kept().compressed()) {
                    throw e;
                }
                unreadable(next, e);
            }
        }
    }

    /**
     * The file to go on with. Newer files are looked at before older ones: when a newer one has text, its writer had left
     * the older one by then, and all that it wrote there is seen.
     */
    private TailedFile oldestUnread(List<LogLine> lines, Budget budget) throws IOException {
        boolean[] newerBegun = look();
        if (newerBegun == null) {
            scan();
            newerBegun = look();
        }
        if (newerBegun == null) {
            return null;
        }
        for (int i = 0; i < followed.size(); i++) {
            TailedFile file = followed.get(i);
            if (file.unread()) {
                return file;
            }
            boolean nothingButHalf = file.unidentified() && file.textSize() > 0;
            if (newerBegun[i] && nothingButHalf) {
                return null;
            }
            if (newerBegun[i] && file.half() > 0 && !endedHalf(file, lines, budget)) {
                return null;
            }
        }
        return null;
    }

    /** Tells of each file whether a newer one has begun; null when a text was met first, which may have come by a rotation. */
    private boolean[] look() throws IOException {
        boolean begun = false;
        boolean met = false;
        boolean[] newerBegun = new boolean[followed.size()];
        for (int i = followed.size() - 1; i >= 0; i--) {
            TailedFile file = followed.get(i);
            newerBegun[i] = begun;
            if (i >= followed.size() - GROWING) {
                file.lookByName();
            }
            file.look();
            if (file.worthATry(begun)) {
                identify(file, begun);
                met |= file.state() != null;
            }
            begun |= file.state() != null;
        }
        return met ? null : newerBegun;
    }

    /** A rotated file ends without a line end: waits a while for the rest, then takes the half for a line. */
    private boolean endedHalf(TailedFile file, List<LogLine> lines, Budget budget) throws IOException {
        if (!file.staysHalf(patience)) {
            return false;
        }
        file.half(lines, budget);
        return true;
    }

    private void changed(TailedFile file) throws IOException {
        if (file.kept().inode() == liveInode && file.isOpen()) {
            counters.truncations.incrementAndGet();
            LOG.warn("{} was truncated: what was written just before may be lost; rotate by rename instead", log);
        }
        file.reset();
    }

    private void unreadable(TailedFile file, IOException e) throws IOException {
        file.giveUp();
        counters.unreadable.incrementAndGet();
        LOG.warn("cannot read {}, going on without it: {}", file.kept().path(), e.toString());
    }

    /** Looks which files are there, and which text each of them has. */
    private void scan() throws IOException {
        List<Kept> there = files.list();
        scanWanted = false;
        scannedAt = System.nanoTime();
        liveInode = files.liveInode();
        List<TailedFile> now = new ArrayList<>();
        for (Kept kept : distinct(there)) {
            TailedFile file = followedAs(kept);
            if (file == null) {
                file = new TailedFile(kept, maxLine);
                if (kept.packing() == Packing.OTHER) {
                    unreadable(file, new IOException("compressed in a way that is not understood, use gzip"));
                }
            }
            now.add(file);
        }
        for (TailedFile gone : followed) {
            if (!now.contains(gone)) {
                leave(gone, now);
            }
        }
        followed = now;
        recognise();
        for (TailedFile copy : List.copyOf(followed)) {
            if (copy.original() != null && !copy.original().hasName()) {
                followed.remove(copy.original());
                followed.add(followed.indexOf(copy), copy.original());
            }
        }
        closeIdle();
        forget();
    }

    /** Of several names of one file the newest. */
    private static Collection<Kept> distinct(List<Kept> there) {
        Map<Long, Kept> byInode = new LinkedHashMap<>();
        for (Kept kept : there) {
            byInode.remove(kept.inode());
            byInode.put(kept.inode(), kept);
        }
        return byInode.values();
    }

    /** Only the log and the oldest file with something to read stay open, and what has no name any more. */
    private void closeIdle() throws IOException {
        boolean reading = false;
        for (TailedFile file : followed.subList(0, Math.max(0, followed.size() - 1))) {
            boolean wanted = file.unread() || file.half() > 0;
            if (file.hasName() && (!wanted || reading)) {
                file.closeText();
            }
            reading |= wanted;
        }
    }

    private TailedFile followedAs(Kept kept) throws IOException {
        for (TailedFile file : followed) {
            Kept then = file.kept();
            if (then.inode() == kept.inode() && then.packing() == kept.packing()) {
                boolean unchanged = then.size() == kept.size() && then.modified() == kept.modified();
                if (kept.packing() != Packing.NONE && !unchanged) {
                    return null;
                }
                file.seen(kept);
                // A number is given to a new file as soon as the old one is gone.
                if (file.isOpen() || verified(file)) {
                    return file;
                }
                file.closeText();
                return null;
            }
        }
        return null;
    }

    /** A file without a name is read to its end while it is open: it stays where it was among the others. */
    private void leave(TailedFile gone, List<TailedFile> now) throws IOException {
        gone.look();
        if (!gone.isOpen() || gone.state() == null || (!gone.unread() && gone.half() == 0)) {
            gone.close();
            return;
        }
        gone.nameless();
        int place = 0;
        for (TailedFile before : followed.subList(0, followed.indexOf(gone))) {
            place = Math.max(place, now.indexOf(before) + 1);
        }
        now.add(place, gone);
    }

    /** Finds out which text each file has: first those that are where they were, then the others, oldest first. */
    private void recognise() throws IOException {
        for (TailedFile file : followed) {
            if (file.state() != null && !verified(file)) {
                changed(file);
            }
        }
        for (TailedFile file : followed) {
            if (file.unidentified()) {
                bindByInode(file);
            }
        }
        for (TailedFile file : followed) {
            if (file.unidentified()) {
                identify(file, false);
            }
        }
    }

    private boolean verified(TailedFile file) throws IOException {
        try {
            return file.verify();
        } catch (NoSuchFileException e) {
            scanWanted = true;
            return true;
        }
    }

    private void bindByInode(TailedFile file) throws IOException {
        String source = source(file, false);
        for (ReadState state : known) {
            if (state.inode == file.kept().inode()
                    && state.sourceId.equals(source)
                    && !isBound(state)
                    && file.matches(state)) {
                file.bind(state);
                return;
            }
        }
    }

    private void identify(TailedFile file, boolean ended) throws IOException {
        boolean finalHalf = ended && file.textSize() > 0 && file.staysHalf(patience);
        String source = source(file, finalHalf);
        if (source == null) {
            return;
        }
        letGo(source, file);
        TailedFile original = original(file, source);
        if (original != null) {
            file.isCopyOf(original);
            file.closeText();
            return;
        }
        long generation = 0;
        ReadState match = null;
        for (ReadState state : known) {
            if (state.sourceId.equals(source)) {
                generation = Math.max(generation, state.generation + 1);
                if (!isBound(state) && file.matches(state) && better(file, state, match)) {
                    match = state;
                }
            }
        }
        if (match == null) {
            match = new ReadState(source, generation);
            known.add(match);
        }
        file.bind(match);
    }

    /** Whoever had this text may have been truncated since the last look, and {@code file} be its copy. */
    private void letGo(String source, TailedFile file) throws IOException {
        for (TailedFile other : followed) {
            if (other != file && other.state() != null && other.state().sourceId.equals(source)) {
                try {
                    if (!other.verifyNow()) {
                        changed(other);
                    }
                } catch (NoSuchFileException e) {
                    scanWanted = true;
                }
            }
        }
    }

    /** Of several texts with one beginning, a compressed file has the one whose end it has. */
    private static boolean better(TailedFile file, ReadState state, ReadState than) {
        return than == null || (file.kept().compressed() && file.textSize() == (state.offset & 0xFFFF_FFFFL));
    }

    /** Copytruncate and compression make copies: the original is read as long as it is there, null when there is none. */
    private TailedFile original(TailedFile file, String source) throws IOException {
        int place = followed.indexOf(file);
        for (int i = 0; i < followed.size(); i++) {
            TailedFile other = followed.get(i);
            boolean candidate = i > place || (file.kept().compressed() && other.isOpen());
            if (other == file || !candidate || other.unreadable()) {
                continue;
            }
            String its = other.state() != null ? other.state().sourceId : source(other, false);
            if (source.equals(its) && file.isBeginningOf(other)) {
                return other;
            }
        }
        return null;
    }

    private boolean isBound(ReadState state) {
        return followed.stream().anyMatch(f -> f.state() == state);
    }

    private String source(TailedFile file, boolean ended) throws IOException {
        if (file.isEmpty() && !file.isOpen()) {
            return null;
        }
        try {
            return file.source((head, n) -> Fingerprint.source(log, head, n), ended);
        } catch (NoSuchFileException e) {
            scanWanted = true;
            return null;
        } catch (IOException e) {
            unreadable(file, e);
            return null;
        }
    }

    private void forget() {
        List<ReadState> gone = known.stream().filter(s -> !isBound(s)).toList();
        for (int i = 0; i < gone.size() - REMEMBERED; i++) {
            known.remove(gone.get(i));
        }
    }

    /** Bytes of text that are there and not read yet. */
    public long behind() {
        long sum = 0;
        for (TailedFile file : followed) {
            sum += file.behind();
        }
        return sum;
    }

    /** Whether the log is gone and all that it had was read. */
    public boolean isGone() {
        return followed.isEmpty() && liveInode == -1;
    }

    @Override
    public void close() throws IOException {
        for (TailedFile file : followed) {
            file.close();
        }
    }
}
