package io.postbrake.logtail;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** The text of one file that is open, by offset; a compressed file has the offsets of its text. */
interface LogText extends AutoCloseable {

    /** Reads some bytes of the text from {@code offset} on; -1 at its present end. */
    int read(byte[] into, int length, long offset) throws IOException;

    @Override
    void close() throws IOException;

    static LogText open(Path file, boolean compressed) throws IOException {
        // Opening a named pipe would wait for somebody who writes to it.
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString(), null, "no regular file");
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        return compressed ? new Zipped(channel) : new Plain(channel);
    }

    /** Reads until {@code length} bytes are there or the text ends; returns how many there are. */
    default int readFully(byte[] into, int length, long offset) throws IOException {
        int n = Math.max(0, read(into, length, offset));
        if (n < length && n > 0) {
            byte[] rest = new byte[length - n];
            int more = readFully(rest, rest.length, offset + n);
            System.arraycopy(rest, 0, into, n, more);
            n += more;
        }
        return n;
    }

    /** A file that may still grow, or shrink. */
    record Plain(FileChannel channel) implements LogText {

        @Override
        public int read(byte[] into, int length, long offset) throws IOException {
            return channel.read(ByteBuffer.wrap(into, 0, length), offset);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** A gzip file: read in sequence; what was read last can be read once more, going back further begins anew. */
    final class Zipped implements LogText {

        private static final int BUFFER = 1 << 16;

        private final FileChannel channel;
        private InputStream in;
        private byte[] window = new byte[0];
        private long windowStart;
        private int windowLength;

        private Zipped(FileChannel channel) throws IOException {
            this.channel = channel;
            try {
                in = unzip();
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        }

        /** From its beginning, in the file that is open: its name may be another's by now. */
        private InputStream unzip() throws IOException {
            channel.position(0);
            var raw = new FilterInputStream(Channels.newInputStream(channel)) {
                @Override
                public int read(byte[] b, int off, int len) throws IOException {
                    return in.read(b, off, len);
                }

                @Override
                public void close() {
                    // The channel is read again.
                }
            };
            return new GZIPInputStream(raw, BUFFER);
        }

        @Override
        public int read(byte[] into, int length, long offset) throws IOException {
            if (offset < windowStart) {
                in.close();
                in = unzip();
                windowStart = 0;
                windowLength = 0;
            }
            while (offset > windowStart + windowLength) {
                if (!fill(0, BUFFER)) {
                    return -1;
                }
            }
            int before = (int) (windowStart + windowLength - offset);
            if (before < length) {
                fill(before, length - before);
            }
            int there = (int) Math.min(length, windowStart + windowLength - offset);
            if (there == 0) {
                return -1;
            }
            System.arraycopy(window, (int) (offset - windowStart), into, 0, there);
            return there;
        }

        /** Moves the window on: its last {@code kept} bytes stay and up to {@code more} follow; false at the end. */
        private boolean fill(int kept, int more) throws IOException {
            byte[] next = Arrays.copyOf(Arrays.copyOfRange(window, windowLength - kept, windowLength), kept + more);
            int n;
            try {
                n = in.readNBytes(next, kept, more);
            } catch (EOFException e) {
                throw new IOException("it ends in the middle of its compressed text", e);
            }
            windowStart += windowLength - kept;
            window = next;
            windowLength = kept + n;
            return n > 0;
        }

        @Override
        public void close() throws IOException {
            in.close();
            channel.close();
        }
    }
}
