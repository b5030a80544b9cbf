package io.postbrake.logtail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of one log: those that logrotate, newsyslog or postlog made of it, oldest first, and the log itself. Names alone
 * decide about their order ({@code mail.log.2.gz}, {@code mail.log-20261124}, {@code mail-20261124.log}): a stamp on the file
 * changes when somebody touches it.
 */
final class RotatedFiles {

    /** How a file's text is compressed. */
    enum Packing {
        NONE,
        GZIP,
        /** In a way that Java cannot undo. */
        OTHER
    }

    /**
     * A file that is there.
     *
     * @param path where
     * @param inode which, whatever it is called
     * @param size bytes on the disk
     * @param modified when it was last written to, in milliseconds of the epoch
     * @param packing how its text is compressed
     */
    record Kept(Path path, long inode, long size, long modified, Packing packing) {

        boolean compressed() {
            return packing == Packing.GZIP;
        }

        /** Bytes of text; of a compressed file modulo 4 GiB, as its trailer has it (RFC 1952). */
        long textSize() throws IOException {
            if (!compressed()) {
                return size;
            }
            try (FileChannel file = FileChannel.open(path)) {
                ByteBuffer trailer = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
                if (file.size() < LEAST_GZIP || file.read(trailer, file.size() - 4) < 4) {
                    return 0;
                }
                return Integer.toUnsignedLong(trailer.getInt(0));
            }
        }
    }

    private static final Pattern PACKED = Pattern.compile("\\.(gz|bz2|xz|zst|lz4|Z)$");
    private static final String NUMBERS = "[.-](\\d{1,20}(?:[-_.T:]?\\d{1,20}){0,6})";
    private static final Pattern ROTATED = Pattern.compile(".*" + NUMBERS + "(\\.[A-Za-z]{1,8})?$");
    /** Header and trailer of a gzip file. */
    private static final int LEAST_GZIP = 18;

    private static final int SNAPSHOTS = 5;

    private final Path log;
    private final Pattern sibling;

    RotatedFiles(Path log) {
        this.log = log;
        String name = log.getFileName().toString();
        int dot = name.lastIndexOf('.');
        String stem = dot > 0 ? name.substring(0, dot) : name;
        String extension = dot > 0 ? name.substring(dot) : "";
        sibling = Pattern.compile("(?:" + Pattern.quote(name) + NUMBERS + "|" + Pattern.quote(stem) + NUMBERS
                + Pattern.quote(extension) + ")(\\.(?:gz|bz2|xz|zst|lz4|Z))?");
    }

    /** Whether a file with this name is what is left of an earlier time, so that it is no log of its own. */
    static boolean isRotated(String name) {
        return PACKED.matcher(name).find() || ROTATED.matcher(name).matches();
    }

    /** All of them, oldest first. Looks until two looks are alike: a rotation moves several files, one after the other. */
    List<Kept> list() throws IOException {
        List<Kept> before = look();
        for (int i = 0; i < SNAPSHOTS; i++) {
            List<Kept> now = look();
            if (same(before, now)) {
                return now;
            }
            before = now;
        }
        throw new IOException("the files beside " + log + " are being moved");
    }

    private static boolean same(List<Kept> a, List<Kept> b) {
        return a.stream()
                .map(k -> k.path() + " " + k.inode())
                .toList()
                .equals(b.stream().map(k -> k.path() + " " + k.inode()).toList());
    }

    private record Ranked(Kept kept, boolean dated, List<Long> numbers) {}

    private List<Kept> look() throws IOException {
        List<Ranked> found = new ArrayList<>();
        Set<String> names = new HashSet<>();
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(log.getParent())) {
            for (Path file : siblings) {
                names.add(file.getFileName().toString());
                Matcher m = sibling.matcher(file.getFileName().toString());
                if (m.matches()) {
                    List<Long> numbers = numbers(m.group(1) != null ? m.group(1) : m.group(2));
                    Kept kept = stat(file);
                    if (kept != null) {
                        found.add(new Ranked(kept, numbers.get(0) > 9999 || numbers.size() > 1, numbers));
                    }
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
        // A file beside its compressed self is the one to read: the other is not whole yet.
        found.removeIf(r -> {
            String name = r.kept().path().getFileName().toString();
            return PACKED.matcher(name).find()
                    && names.contains(PACKED.matcher(name).replaceFirst(""));
        });
        Map<Boolean, Long> newest = newest(found);
        found.sort(Comparator.comparing((Ranked r) -> newest.get(r.dated()))
                .thenComparing(
                        (a, b) -> a.dated() ? compare(a.numbers(), b.numbers()) : compare(b.numbers(), a.numbers())));
        List<Kept> result = new ArrayList<>();
        found.forEach(r -> result.add(r.kept()));
        Kept live = stat(log);
        if (live != null) {
            result.add(live);
        }
        return result;
    }

    /** Should both ways of naming occur, somebody changed from one to the other: the one in use now has the newer file. */
    private static Map<Boolean, Long> newest(List<Ranked> found) {
        Map<Boolean, Long> result = new HashMap<>();
        boolean both = found.stream().anyMatch(Ranked::dated) && !found.stream().allMatch(Ranked::dated);
        for (Ranked r : found) {
            long modified = both ? r.kept().modified() : 0;
            result.merge(r.dated(), modified, Math::max);
        }
        return result;
    }

    private static int compare(List<Long> a, List<Long> b) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int c = a.get(i).compareTo(b.get(i));
            if (c != 0) {
                return c;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    private static List<Long> numbers(String text) {
        List<Long> result = new ArrayList<>();
        for (String part : text.split("\\D+")) {
            result.add(Long.parseLong(part.length() > 18 ? part.substring(0, 18) : part));
        }
        return result;
    }

    private static Kept stat(Path file) throws IOException {
        try {
            Map<String, Object> a = Files.readAttributes(file, "unix:ino,size,lastModifiedTime,isRegularFile");
            return Boolean.TRUE.equals(a.get("isRegularFile"))
                    ? new Kept(
                            file,
                            ((Number) a.get("ino")).longValue(),
                            (Long) a.get("size"),
                            ((FileTime) a.get("lastModifiedTime")).toMillis(),
                            packing(file))
                    : null;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static Packing packing(Path file) {
        String name = file.getFileName().toString();
        if (name.endsWith(".gz")) {
            return Packing.GZIP;
        }
        return PACKED.matcher(name).find() ? Packing.OTHER : Packing.NONE;
    }

    /**
     * Bytes of a plain file by now.
     *
     * @throws NoSuchFileException when its name is another's, or nobody's
     */
    static long sizeOf(Kept kept) throws IOException {
        Kept now = stat(kept.path());
        if (now == null || now.inode() != kept.inode()) {
            throw new NoSuchFileException(kept.path().toString(), null, "renamed");
        }
        return now.size();
    }

    /** Which file is the log now; -1 when there is none, or something else has its name. */
    long liveInode() throws IOException {
        Kept live = stat(log);
        return live == null ? -1 : live.inode();
    }

    /** Which file has this name; -1 when there is none. */
    static long inode(Path file) throws IOException {
        try {
            return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
        } catch (NoSuchFileException e) {
            return -1;
        }
    }
}
