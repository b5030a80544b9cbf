package io.postbrake.policysink;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lmdbjava.CursorIterable;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.KeyRange;
import org.lmdbjava.LmdbException;
import org.lmdbjava.Txn;

/**
 * The newest block and operator's word of each subject, as the topics said them, and when they end. They are kept on the disk and
 * not on the heap, so that a million blocks fit a small process; since the topics are read from their beginning at every
 * start, the file outlives no process and is never synced. For one thread at a time, which leaves nothing unflushed to the next.
 */
final class SaidFile implements AutoCloseable {

    /** Spellings that Postfix takes for one; more are nobody's. */
    private static final int MOST_OTHERS = 64;

    private final Path path;
    private final Env<ByteBuffer> env;
    private final Dbi<ByteBuffer> subjects;
    private final Dbi<ByteBuffer> ends;
    private final Dbi<ByteBuffer> others;
    private final ByteBuffer key = ByteBuffer.allocateDirect(512);
    private ByteBuffer value = ByteBuffer.allocateDirect(1024);
    private Txn<ByteBuffer> writing;

    /** What was said of a subject: a block, a word, or both. */
    record Said(Wanted block, Wanted word) {
        static final Said NOTHING = new Said(null, null);
    }

    /** A subject, by its table's key. */
    record Subject(String key, Said said) {}

    /** Something about a subject ends, in milliseconds since 1970. */
    record Due(long at, String key) {}

    private SaidFile(Path path, Env<ByteBuffer> env) {
        this.path = path;
        this.env = env;
        subjects = env.openDbi("subjects", DbiFlags.MDB_CREATE);
        ends = env.openDbi("ends", DbiFlags.MDB_CREATE);
        others = env.openDbi("others", DbiFlags.MDB_CREATE);
    }

    /**
     * An empty file in place of what an earlier process left.
     *
     * @param limit most bytes that it may grow to
     */
    static SaidFile create(Path path, long limit) throws IOException {
        Files.createDirectories(path.getParent());
        Files.deleteIfExists(path);
        Env<ByteBuffer> env = null;
        try {
            env = Env.create()
                    .setMapSize(limit)
                    .setMaxDbs(3)
                    .open(
                            path.toFile(),
                            0600,
                            EnvFlags.MDB_NOSUBDIR,
                            EnvFlags.MDB_NOLOCK,
                            EnvFlags.MDB_NOSYNC,
                            EnvFlags.MDB_NORDAHEAD);
            return new SaidFile(path, env);
        } catch (LmdbException e) {
            if (env != null) {
                env.close();
            }
            throw new IOException(path + " cannot be made: " + e.getMessage(), e);
        }
    }

    /** Sets a subject's block; null: there is none any more. Lost unless {@link #flush flushed}. */
    void block(String subject, Wanted block) throws IOException {
        put(subject, new Said(block, of(subject).word()));
    }

    /** Sets the operator's word on a subject; null: there is none any more. Lost unless {@link #flush flushed}. */
    void word(String subject, Wanted word) throws IOException {
        put(subject, new Said(of(subject).block(), word));
    }

    private void put(String subject, Said said) throws IOException {
        changes(txn -> {
            if (said.equals(Said.NOTHING)) {
                subjects.delete(txn, keyed(subject));
            } else {
                subjects.put(txn, keyed(subject), encoded(said));
            }
        });
    }

    /**
     * Remembers that a key of the table belongs to a subject of another name; false when it has too many of them already.
     * Lost unless {@link #flush flushed}.
     */
    boolean other(String tableKey, String subject) throws IOException {
        List<String> known = others(tableKey);
        if (known.contains(subject)) {
            return true;
        }
        if (known.size() == MOST_OTHERS) {
            return false;
        }
        List<String> all = new ArrayList<>(known);
        all.add(subject);
        byte[] text = String.join("\0", all).getBytes(StandardCharsets.UTF_8);
        changes(txn -> others.put(txn, keyed(tableKey), valued(text)));
        return true;
    }

    /** The subjects of other names that a key of the table belongs to. */
    List<String> others(String tableKey) throws IOException {
        List<String> result = new ArrayList<>();
        reads(txn -> {
            ByteBuffer bytes = others.get(txn, keyed(tableKey));
            if (bytes != null) {
                result.addAll(List.of(text(bytes.duplicate()).split("\0")));
            }
        });
        return result;
    }

    /** Remembers that something about a subject ends. Lost unless {@link #flush flushed}. */
    void due(long at, String subject) throws IOException {
        changes(txn -> {
            value.clear().put((byte) 0).flip();
            ends.put(txn, keyed(at, subject), value);
        });
    }

    /** What ended by {@code now}, the oldest first. */
    List<Due> due(long now, int most) throws IOException {
        flush();
        List<Due> result = new ArrayList<>();
        reads(txn -> {
            try (CursorIterable<ByteBuffer> all = ends.iterate(txn)) {
                for (CursorIterable.KeyVal<ByteBuffer> each : all) {
                    ByteBuffer bytes = each.key().duplicate();
                    long at = bytes.getLong() ^ Long.MIN_VALUE;
                    if (at > now || result.size() == most) {
                        break;
                    }
                    result.add(new Due(at, text(bytes)));
                }
            }
        });
        return result;
    }

    /** Forgets ends that were dealt with. */
    void done(List<Due> some) throws IOException {
        changes(txn -> some.forEach(due -> ends.delete(txn, keyed(due.at(), due.key()))));
        flush();
    }

    /** What was said of a subject. */
    Said of(String subject) throws IOException {
        return of(List.of(subject)).get(subject);
    }

    /** What was said of each of these subjects. */
    Map<String, Said> of(Collection<String> some) throws IOException {
        Map<String, Said> result = new HashMap<>();
        reads(txn -> {
            for (String subject : some) {
                ByteBuffer bytes = subjects.get(txn, keyed(subject));
                result.put(subject, bytes == null ? Said.NOTHING : decoded(bytes));
            }
        });
        return result;
    }

    /** At most so many subjects behind one, in the order of their bytes; null begins. */
    List<Subject> after(String subject, int most) throws IOException {
        flush();
        List<Subject> result = new ArrayList<>();
        reads(txn -> {
            KeyRange<ByteBuffer> range = subject == null ? KeyRange.all() : KeyRange.greaterThan(keyed(subject));
            try (CursorIterable<ByteBuffer> all = subjects.iterate(txn, range)) {
                for (CursorIterable.KeyVal<ByteBuffer> each : all) {
                    if (result.size() == most) {
                        break;
                    }
                    result.add(new Subject(text(each.key().duplicate()), decoded(each.val())));
                }
            }
        });
        return result;
    }

    /** Forgets everything. */
    void clear() throws IOException {
        changes(txn -> {
            subjects.drop(txn);
            ends.drop(txn);
            others.drop(txn);
        });
        flush();
    }

    /** Keeps what was set so far. */
    void flush() throws IOException {
        if (writing != null) {
            changes(Txn::commit);
            writing.close();
            writing = null;
        }
    }

    /** Forgets what was set since it was last flushed. */
    void abandon() {
        if (writing != null) {
            writing.close();
            writing = null;
        }
    }

    private interface Access {
        void to(Txn<ByteBuffer> txn);
    }

    private void changes(Access access) throws IOException {
        try {
            if (writing == null) {
                writing = env.txnWrite();
            }
            access.to(writing);
        } catch (LmdbException e) {
            abandon(); // Whoever set these brings them again.
            throw new IOException(path + " refused a change (disk or policy.map.size full?): " + e.getMessage(), e);
        }
    }

    private void reads(Access access) throws IOException {
        try {
            if (writing != null) {
                access.to(writing);
                return;
            }
            try (Txn<ByteBuffer> txn = env.txnRead()) {
                access.to(txn);
            }
        } catch (LmdbException e) {
            throw new IOException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private ByteBuffer keyed(String subject) {
        return key.clear()
                .put(subject.getBytes(StandardCharsets.UTF_8))
                .put((byte) 0)
                .flip();
    }

    private ByteBuffer keyed(long at, String subject) {
        key.clear().putLong(at ^ Long.MIN_VALUE); // So that bytes sort as signed numbers do.
        return key.put(subject.getBytes(StandardCharsets.UTF_8)).flip();
    }

    private static String text(ByteBuffer rest) {
        byte[] bytes = new byte[rest.remaining()];
        rest.get(bytes);
        int length = bytes.length > 0 && bytes[bytes.length - 1] == 0 ? bytes.length - 1 : bytes.length;
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private ByteBuffer encoded(Said said) {
        var bytes = new ByteArrayOutputStream(160);
        try (var out = new DataOutputStream(bytes)) {
            encode(out, said.block());
            encode(out, said.word());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // Memory does not fail.
        }
        return valued(bytes.toByteArray());
    }

    private ByteBuffer valued(byte[] bytes) {
        if (bytes.length > value.capacity()) {
            value = ByteBuffer.allocateDirect(bytes.length);
        }
        return value.clear().put(bytes).flip();
    }

    private static void encode(DataOutputStream out, Wanted wanted) throws IOException {
        out.writeBoolean(wanted != null);
        if (wanted != null) {
            for (String text :
                    new String[] {wanted.verb(), wanted.action(), wanted.text(), wanted.reference(), wanted.blockId()
                    }) {
                byte[] bytes = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
                out.writeInt(bytes == null ? -1 : bytes.length);
                if (bytes != null) {
                    out.write(bytes);
                }
            }
            byte[] homes = String.join(" ", wanted.homes()).getBytes(StandardCharsets.UTF_8);
            out.writeInt(homes.length);
            out.write(homes);
            for (Instant at : new Instant[] {wanted.at(), wanted.evidenceAt(), wanted.endsAt()}) {
                out.writeBoolean(at != null);
                if (at != null) {
                    out.writeLong(at.toEpochMilli());
                }
            }
        }
    }

    private static Said decoded(ByteBuffer value) {
        ByteBuffer in = value.duplicate();
        return new Said(decode(in), decode(in));
    }

    private static Wanted decode(ByteBuffer in) {
        if (in.get() == 0) {
            return null;
        }
        String verb = string(in);
        String action = string(in);
        String text = string(in);
        String reference = string(in);
        String blockId = string(in);
        String homes = string(in);
        List<String> networks = homes.isEmpty() ? List.of() : List.of(homes.split(" "));
        return new Wanted(verb, action, text, reference, instant(in), instant(in), instant(in), blockId, networks);
    }

    private static String string(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static Instant instant(ByteBuffer in) {
        return in.get() == 0 ? null : Instant.ofEpochMilli(in.getLong());
    }

    @Override
    public void close() throws IOException {
        abandon();
        subjects.close();
        ends.close();
        others.close();
        env.close();
        Files.deleteIfExists(path);
    }
}
