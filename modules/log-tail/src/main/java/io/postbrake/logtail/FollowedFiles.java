package io.postbrake.logtail;

import io.postbrake.logtail.RotatedFiles.Kept;
import io.postbrake.logtail.RotatedFiles.Packing;
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
 * The files of one log that are there, oldest first: the log, rotated ones, and those that have no name any more and are not read
 * to their end.
 */
final class FollowedFiles {

    private static final Logger LOG = LoggerFactory.getLogger(FollowedFiles.class);

    private final Path log;
    private final int maxLine;
    private final RotatedFiles files;
    private final TailCounters counters;

    private List<TailedFile> followed = new ArrayList<>();
    private boolean stale = true;
    private long listedAt;
    private long liveInode = -1;

    FollowedFiles(Path log, int maxLine, TailCounters counters) {
        this.log = log;
        this.maxLine = maxLine;
        this.files = new RotatedFiles(log);
        this.counters = counters;
    }

    /** All of them, oldest first. */
    List<TailedFile> all() {
        return followed;
    }

    /** The directory is to be looked at before anything else is read: a file was renamed since, or may have been. */
    void stale() {
        stale = true;
    }

    /** Whether the directory is to be looked at again, at the latest so long after the last look. */
    boolean isStale(Duration most) {
        return stale || System.nanoTime() - listedAt > most.toNanos();
    }

    /** Whether the log is another file than it was. */
    boolean isRotated() throws IOException {
        return files.liveInode() != liveInode;
    }

    /** Whether there is neither the log nor any other file of it. */
    boolean isGone() {
        return followed.isEmpty() && liveInode == -1;
    }

    /** Looks which files are there; which text each of the new ones has is not known yet. */
    void list() throws IOException {
        List<Kept> there = files.list();
        stale = false;
        listedAt = System.nanoTime();
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
    }

    /** Puts originals without a name beside their copies, now that these are known, and closes what is not read. */
    void settle() throws IOException {
        for (TailedFile copy : List.copyOf(followed)) {
            if (copy.original() != null && !copy.original().hasName()) {
                followed.remove(copy.original());
                followed.add(followed.indexOf(copy), copy.original());
            }
        }
        closeIdle();
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

    /** Whether a file still has the text that it had; one that has just been renamed is taken to. */
    boolean verified(TailedFile file) throws IOException {
        try {
            return file.verify();
        } catch (NoSuchFileException e) {
            stale = true;
            return true;
        }
    }

    /** The file has another text than it had. */
    void changed(TailedFile file) throws IOException {
        if (file.kept().inode() == liveInode && file.isOpen()) {
            counters.truncations.incrementAndGet();
            LOG.warn("{} was truncated: what was written just before may be lost; rotate by rename instead", log);
        }
        file.reset();
    }

    /** The file cannot be read and is left out. */
    void unreadable(TailedFile file, IOException e) throws IOException {
        file.giveUp();
        counters.unreadable.incrementAndGet();
        LOG.warn("cannot read {}, going on without it: {}", file.kept().path(), e.toString());
    }
}
