package io.postbrake.geo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names what somebody gave in place of a MaxMind DB: an archive, a table as text, a page of an error, half a file. */
final class WrongKind {

    private static final byte[] METADATA = ("\u00ab\u00cd\u00ef" + "MaxMind.com").getBytes(StandardCharsets.ISO_8859_1);
    /** The format has its description within so many bytes of the end. */
    private static final int DESCRIPTION = 128 * 1024;

    private static final int BEGINNING = 512;

    /** A first field that is an address, a network, a number of either, or the name of such a column. */
    private static final Pattern TABLE =
            Pattern.compile("\"?(?:[0-9a-f.:/]+|[a-z_]*(?:network|ip|start|range)[a-z_]*)\"?[,;\t]");

    private WrongKind() {}

    /**
     * Returns when the file ends as a MaxMind DB does.
     *
     * @throws IOException saying what it is instead and what to do
     */
    static void refuse(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("it is a directory; name the .mmdb file inside");
        }
        byte[] beginning;
        try (InputStream in = Files.newInputStream(file)) {
            beginning = in.readNBytes(BEGINNING);
        }
        if (beginning.length == 0) {
            throw new IOException("it is empty");
        }
        String archive = archive(beginning);
        if (archive != null) {
            throw new IOException("it is packed (" + archive + "); unpack it first and name the .mmdb file");
        }
        if (endsAsMaxMindDb(file)) {
            return;
        }
        throw new IOException(otherwise(beginning));
    }

    private static String archive(byte[] b) {
        if (startsWith(b, 0x1f, 0x8b)) {
            return "gzip";
        }
        if (startsWith(b, 'P', 'K', 3, 4)) {
            return "zip";
        }
        if (startsWith(b, 0xfd, '7', 'z', 'X', 'Z')) {
            return "xz";
        }
        if (startsWith(b, '7', 'z', 0xbc, 0xaf)) {
            return "7z";
        }
        if (startsWith(b, 'B', 'Z', 'h')) {
            return "bzip2";
        }
        if (startsWith(b, 0x28, 0xb5, 0x2f, 0xfd)) {
            return "zstd";
        }
        boolean tar = b.length > 262 && new String(b, 257, 5, StandardCharsets.ISO_8859_1).equals("ustar");
        return tar ? "tar" : null;
    }

    private static String otherwise(byte[] beginning) {
        boolean text = true;
        for (byte b : beginning) {
            text &= b >= 0x20 || b < 0 || b == '\n' || b == '\r' || b == '\t';
        }
        if (!text) {
            return "its end is missing: it is cut short, or no MaxMind DB (.mmdb) at all; fetch it again";
        }
        String begins = new String(beginning, StandardCharsets.UTF_8).strip().toLowerCase(Locale.ROOT);
        if (begins.startsWith("<")) {
            return "it is a page (HTML or XML), perhaps of a download that was refused; fetch it again";
        }
        if (begins.startsWith("{") || begins.startsWith("[")) {
            return "it is JSON, perhaps the answer to a download that was refused; give the .mmdb file";
        }
        if (begins.startsWith("version https://git-lfs")) {
            return "it is a pointer of Git LFS, not the file itself; fetch the file";
        }
        String line = begins.lines().findFirst().orElse("");
        return TABLE.matcher(line).lookingAt()
                ? "it is a table as text (CSV); the same data are to be had as MaxMind DB (.mmdb)"
                : "it is text; give a MaxMind DB (.mmdb) file";
    }

    private static boolean endsAsMaxMindDb(Path file) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            long size = channel.size();
            int length = (int) Math.min(size, DESCRIPTION + METADATA.length);
            ByteBuffer end = ByteBuffer.allocate(length);
            channel.position(size - length);
            while (end.hasRemaining() && channel.read(end) >= 0) {
                // A read may return less than it was asked for.
            }
            byte[] bytes = end.array();
            for (int at = end.position() - METADATA.length; at >= 0; at--) {
                if (Arrays.equals(bytes, at, at + METADATA.length, METADATA, 0, METADATA.length)) {
                    return true;
                }
            }
            return false;
        }
    }

    private static boolean startsWith(byte[] bytes, int... first) {
        for (int i = 0; i < first.length; i++) {
            if (i >= bytes.length || (bytes[i] & 0xff) != first[i]) {
                return false;
            }
        }
        return true;
    }
}
