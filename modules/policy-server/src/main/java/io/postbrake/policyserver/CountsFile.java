package io.postbrake.policyserver;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All counts at one moment, so that the journal before it need not be kept. Written, synced and renamed: it is the old or the
 * new one; a check sum tells a damaged one.
 */
final class CountsFile {

    static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final Logger LOG = LoggerFactory.getLogger(CountsFile.class);
    private static final String MAGIC = "postbrake-counts 1";
    private static final int MOST_BUCKETS = 100_000;

    private final Path file;

    CountsFile(Path dir) {
        file = dir.resolve("counts");
    }

    /**
     * What is on record.
     *
     * @param journal number of the first file of the journal that is not in it
     */
    record Saved(int journal, Map<String, Tally.Kept> tallies) {}

    /** What is on record; nothing, and the whole journal, when there is none or it cannot be trusted. */
    Saved read() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                var summed = new CheckedInputStream(
                        new BufferedInputStream(Channels.newInputStream(channel), 1 << 16), new CRC32C());
                var in = new DataInputStream(summed)) {
            if (in.readUTF().equals(MAGIC)) {
                int journal = in.readInt();
                Map<String, Tally.Kept> tallies = new HashMap<>();
                while (in.readBoolean()) {
                    tallies.put(in.readUTF(), kept(in));
                }
                long sum = summed.getChecksum().getValue();
                if (in.readLong() == sum) {
                    return new Saved(journal, tallies);
                }
            }
        } catch (NoSuchFileException e) {
            return new Saved(0, Map.of());
        } catch (IOException e) {
            LOG.debug("{}: {}", file, e.getMessage());
        }
        LOG.warn("{} is damaged: counting goes on from what the journal beside it has", file);
        return new Saved(0, Map.of());
    }

    private static Tally.Kept kept(DataInputStream in) throws IOException {
        long sequence = in.readLong();
        int size = in.readInt();
        if (size < 0 || size > MOST_BUCKETS) {
            throw new IOException(size + " buckets");
        }
        List<CountedBucket> buckets = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            buckets.add(new CountedBucket(in.readLong(), in.readLong(), in.readInt(), in.readInt()));
        }
        return new Tally.Kept(sequence, buckets);
    }

    /** Puts this on record in place of what is there. */
    void write(int journal, Map<String, Tally> tallies) throws IOException {
        Path fresh = file.resolveSibling("counts.new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel =
                FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE)) {
            var buffered = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            var summed = new CheckedOutputStream(buffered, new CRC32C());
            var out = new DataOutputStream(summed);
            out.writeUTF(MAGIC);
            out.writeInt(journal);
            for (Map.Entry<String, Tally> each : tallies.entrySet()) {
                out.writeBoolean(true);
                out.writeUTF(each.getKey());
                write(out, each.getValue().kept());
            }
            out.writeBoolean(false);
            out.writeLong(summed.getChecksum().getValue());
            out.flush();
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private static void write(DataOutputStream out, Tally.Kept kept) throws IOException {
        out.writeLong(kept.sequence());
        out.writeInt(kept.buckets().size());
        for (CountedBucket bucket : kept.buckets()) {
            out.writeLong(bucket.window());
            out.writeLong(bucket.at());
            out.writeInt(bucket.messages());
            out.writeInt(bucket.recipients());
        }
    }
}
