package io.postbrake.logtail;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    private static final int ATTEMPTS = 3;
    /** The log, and the file before it: its writer goes on there until it is told of the rotation. */
    private static final int GROWING = 2;

    private final Path log;
    private final FollowedFiles files;
    private final KnownTexts texts;
    private final TailCounters counters;
    private final Duration rescan;
    private final Duration patience;
    private final byte[] buffer;

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
        this.files = new FollowedFiles(this.log, maxLine, counters);
        this.texts = new KnownTexts(this.log, files, known, patience);
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
        for (TailedFile file : files.all()) {
            if (file.state() != null) {
                LineSkipper.toEnd(file);
            }
        }
    }

    /** Begins so many bytes before the end of what is there now, rotated files included, with a whole line. */
    public void skipToLast(long bytes) throws IOException {
        scan();
        long left = bytes;
        for (int i = files.all().size() - 1; i >= 0; i--) {
            TailedFile file = files.all().get(i);
            if (file.state() != null) {
                left = LineSkipper.toLast(file, left);
            }
        }
    }

    /** Reads once more the text that was read last before the stop, or says that it is gone. */
    public void resume() throws IOException {
        scan();
        if (texts.all().isEmpty() || texts.isBound(texts.newest())) {
            return;
        }
        if (texts.newest().offset > 0) {
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
        TailedFile target = files.all().stream()
                .filter(f -> f.state() != null && f.state().is(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no file of " + log + " has source " + wanted.sourceId()
                        + ", generation " + wanted.generation() + "; there are "
                        + texts.all().stream()
                                .filter(texts::isBound)
                                .map(ReadState::position)
                                .toList()));
        if (!LineSkipper.isLineStart(target, wanted.offset())) {
            throw new IllegalArgumentException(target.kept().path() + " has no line that begins at " + wanted.offset());
        }
        int place = files.all().indexOf(target);
        for (TailedFile file : files.all().subList(0, place)) {
            if (file.state() != null) {
                LineSkipper.toEnd(file);
            }
        }
        LineSkipper.to(target, wanted.offset());
        for (TailedFile file : files.all().subList(place + 1, files.all().size())) {
            if (file.state() != null) {
                LineSkipper.to(file, 0);
            }
        }
    }

    /** Has the directory looked at before the next line is read. */
    public void rescan() {
        files.stale();
    }

    /** How far each text was read, oldest first. */
    public List<ReadState> known() {
        return texts.all();
    }

    /** Up to so many further lines, and about so many bytes of text; empty when there are none yet. */
    public List<LogLine> poll(int lines, long bytes) throws IOException {
        List<LogLine> result = new ArrayList<>();
        try {
            poll(result, new ReadBudget(lines, bytes));
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

    private void poll(List<LogLine> lines, ReadBudget budget) throws IOException {
        boolean moved = files.isStale(rescan);
        for (int attempt = 0; attempt < ATTEMPTS && budget.left(); attempt++) {
            try {
                if (moved || files.isRotated()) {
                    scan();
                }
                read(lines, budget);
                return;
            } catch (NoSuchFileException e) {
                moved = true; // Renamed since it was listed.
            }
        }
        files.stale();
    }

    private void read(List<LogLine> lines, ReadBudget budget) throws IOException {
        while (budget.left()) {
            TailedFile next = oldestUnread(lines, budget);
            if (next == null) {
                return;
            }
            if (!next.verifyNow()) {
                files.changed(next);
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
                files.unreadable(next, e);
            }
        }
    }

    /**
     * The file to go on with. Newer files are looked at before older ones: when a newer one has text, its writer had left
     * the older one by then, and all that it wrote there is seen.
     */
    private TailedFile oldestUnread(List<LogLine> lines, ReadBudget budget) throws IOException {
        boolean[] newerBegun = look();
        if (newerBegun == null) {
            scan();
            newerBegun = look();
        }
        if (newerBegun == null) {
            return null;
        }
        for (int i = 0; i < files.all().size(); i++) {
            TailedFile file = files.all().get(i);
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
        boolean[] newerBegun = new boolean[files.all().size()];
        for (int i = files.all().size() - 1; i >= 0; i--) {
            TailedFile file = files.all().get(i);
            newerBegun[i] = begun;
            if (i >= files.all().size() - GROWING) {
                file.lookByName();
            }
            file.look();
            if (file.worthATry(begun)) {
                texts.identify(file, begun);
                met |= file.state() != null;
            }
            begun |= file.state() != null;
        }
        return met ? null : newerBegun;
    }

    /** A rotated file ends without a line end: waits a while for the rest, then takes the half for a line. */
    private boolean endedHalf(TailedFile file, List<LogLine> lines, ReadBudget budget) throws IOException {
        if (!file.staysHalf(patience)) {
            return false;
        }
        file.half(lines, budget);
        return true;
    }

    /** Looks which files are there, and which text each of them has. */
    private void scan() throws IOException {
        files.list();
        texts.recognise();
        files.settle();
        texts.forget();
    }

    /** Bytes of text that are there and not read yet. */
    public long behind() {
        long sum = 0;
        for (TailedFile file : files.all()) {
            sum += file.behind();
        }
        return sum;
    }

    /** Whether the log is gone and all that it had was read. */
    public boolean isGone() {
        return files.isGone();
    }

    @Override
    public void close() throws IOException {
        for (TailedFile file : files.all()) {
            file.close();
        }
    }
}
