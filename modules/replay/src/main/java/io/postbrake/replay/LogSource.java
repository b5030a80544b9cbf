package io.postbrake.replay;

import io.postbrake.postfixlog.envelope.Envelopes;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * One log of a host: a file, plain or gzipped, or a stream of bytes. Stamps that have no zone are read in {@code zone};
 * stamps that have no year begin in {@code year}, or, where that is null, in the last year that is not ahead of
 * {@code modified}.
 */
public final class LogSource {

    private interface Opener {
        InputStream open() throws IOException;
    }

    private final String name;
    private final ZoneId zone;
    private final Year year;
    private final Envelopes envelopes;
    private final Instant modified;
    private final long size;
    private final boolean reopens;
    private final Opener opener;
    private final AtomicLong bytesRead = new AtomicLong();

    private LogSource(
            String name,
            ZoneId zone,
            Year year,
            Envelopes envelopes,
            Instant modified,
            long size,
            boolean reopens,
            Opener opener) {
        this.name = name;
        this.zone = zone;
        this.year = year;
        this.envelopes = envelopes;
        this.modified = modified;
        this.size = size;
        this.reopens = reopens;
        this.opener = opener;
    }

    /**
     * A log file; gzip is recognised by its first bytes.
     *
     * @throws IOException when it cannot be read
     */
    public static LogSource file(Path file, ZoneId zone, Year yearOrNull) throws IOException {
        return file(file, zone, yearOrNull, Envelopes.auto());
    }

    /**
     * A log file whose lines are wrapped as {@code envelopes} says.
     *
     * @throws IOException when it cannot be read
     */
    public static LogSource file(Path file, ZoneId zone, Year yearOrNull, Envelopes envelopes) throws IOException {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new IOException("log '" + file + "' cannot be read: give a readable file");
        }
        return new LogSource(
                file.toString(),
                zone,
                yearOrNull,
                envelopes,
                Files.getLastModifiedTime(file).toInstant(),
                Files.size(file),
                Files.isRegularFile(file),
                () -> Files.newInputStream(file));
    }

    /** A stream that is read once and closed; {@code readAt} says which year is meant where none is given. */
    public static LogSource stream(String name, InputStream bytes, ZoneId zone, Year yearOrNull, Instant readAt) {
        return new LogSource(name, zone, yearOrNull, Envelopes.auto(), readAt, 0, false, () -> bytes);
    }

    /** Bytes of the file, as stored; 0 when not known. */
    public long size() {
        return size;
    }

    /** Bytes read so far, as stored. Safe to ask from another thread. */
    public long bytesRead() {
        return bytesRead.get();
    }

    String name() {
        return name;
    }

    ZoneId zone() {
        return zone;
    }

    Year year() {
        return year;
    }

    Envelopes envelopes() {
        return envelopes;
    }

    Instant modified() {
        return modified;
    }

    boolean reopens() {
        return reopens;
    }

    InputStream open() throws IOException {
        try {
            return new Named(unpacked());
        } catch (EOFException | ZipException e) {
            throw broken(e);
        }
    }

    private IOException broken(IOException e) {
        return new IOException("log '" + name + "' cannot be read to its end: " + e.getMessage(), e);
    }

    private InputStream unpacked() throws IOException {
        bytesRead.set(0);
        var in = new BufferedInputStream(new Counting(opener.open()), 1 << 16);
        in.mark(8);
        byte[] head = in.readNBytes(6);
        in.reset();
        if (startsWith(head, 0x1f, 0x8b)) {
            return new GZIPInputStream(in, 1 << 16);
        }
        String other = startsWith(head, 0xfd, '7', 'z', 'X', 'Z')
                ? "xz"
                : startsWith(head, 'B', 'Z', 'h') ? "bzip2" : startsWith(head, 0x28, 0xb5, 0x2f, 0xfd) ? "zstd" : null;
        if (other != null) {
            in.close();
            throw new IOException("log '" + name + "' is compressed with " + other + ": unpack it, or use gzip");
        }
        return in;
    }

    private static boolean startsWith(byte[] head, int... bytes) {
        if (head.length < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if ((head[i] & 0xFF) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Says which log it is that breaks. */
    private final class Named extends FilterInputStream {
        Named(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (IOException e) {
                throw broken(e);
            }
        }

        @Override
        public int read(byte[] buf, int off, int len) throws IOException {
            try {
                return super.read(buf, off, len);
            } catch (IOException e) {
                throw broken(e);
            }
        }
    }

    private final class Counting extends FilterInputStream {
        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            if (b >= 0) {
                bytesRead.incrementAndGet();
            }
            return b;
        }

        @Override
        public int read(byte[] buf, int off, int len) throws IOException {
            int n = super.read(buf, off, len);
            if (n > 0) {
                bytesRead.addAndGet(n);
            }
            return n;
        }
    }
}
