package io.postbrake.debian;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * The package that the build made, as its bytes say, in the format of deb(5): an ar(1) archive with one tar file for dpkg and one
 * for the machine.
 *
 * @param control what dpkg reads, by name
 * @param files what is laid on the machine, by absolute path; directories end with a slash
 */
record DebFile(Map<String, Entry> control, Map<String, Entry> files) {

    /** More than any text of ours, and less than any library. */
    private static final int TEXT_MOST = 1 << 20;

    /**
     * @param mode permissions, as chmod takes them
     * @param owner user and group, as {@code root:root}
     * @param link the target of a symbolic link; empty for anything else
     * @param bytes its content; empty for what is larger than a text
     */
    record Entry(int mode, String owner, String link, byte[] bytes) {

        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** Where the build put it. */
    static Path path() {
        Path deb = Path.of(System.getProperty("postbrake.deb", "target/postbrake_0.1.0~snapshot_all.deb"));
        if (!Files.exists(deb)) {
            throw new AssertionError(deb + " is not there: mvn package -pl modules/debian makes it");
        }
        return deb;
    }

    static DebFile read(Path deb) throws IOException {
        Map<String, Entry> control = new LinkedHashMap<>();
        Map<String, Entry> files = new LinkedHashMap<>();
        try (InputStream in = Files.newInputStream(deb);
                var parts = new ArArchiveInputStream(in)) {
            for (ArArchiveEntry part = parts.getNextEntry(); part != null; part = parts.getNextEntry()) {
                if (part.getName().startsWith("control.tar")) {
                    entries(parts, control);
                } else if (part.getName().startsWith("data.tar")) {
                    entries(parts, files);
                }
            }
        }
        return new DebFile(control, files);
    }

    private static void entries(InputStream part, Map<String, Entry> into) throws IOException {
        // Not closed: that would close the archive around it.
        var tar = new TarArchiveInputStream(new GzipCompressorInputStream(part));
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            byte[] bytes = entry.isFile() && entry.getSize() <= TEXT_MOST ? tar.readAllBytes() : new byte[0];
            into.put(
                    entry.getName().replaceFirst("^\\.", ""),
                    new Entry(
                            entry.getMode() & 07777,
                            entry.getUserName() + ":" + entry.getGroupName(),
                            entry.isSymbolicLink() ? entry.getLinkName() : "",
                            bytes));
        }
    }

    /** A field of the control file, its continuation lines with it. */
    String field(String name) {
        String text = "\n" + control.get("/control").text();
        int at = text.indexOf("\n" + name + ": ");
        if (at < 0) {
            return "";
        }
        String rest = text.substring(at + name.length() + 3);
        return rest.split("\n(?! )", 2)[0];
    }
}
