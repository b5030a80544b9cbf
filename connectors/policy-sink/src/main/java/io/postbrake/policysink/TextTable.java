package io.postbrake.policysink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table of lines that is replaced as a whole by renaming, so that nobody who reads or locks it holds up a change. Postfix reads it
 * when a process starts.
 */
final class TextTable implements PolicyTable {

    private static final Logger LOG = LoggerFactory.getLogger(TextTable.class);
    private static final String HEAD = "# Kept by Postbrake; changes by hand are undone.\n";
    private static final Pattern END = Pattern.compile("# ends (\\d{1,18})");

    /**
     * What tells tables apart.
     *
     * @param line one entry: key and reply
     * @param order of the lines: the first that matches counts
     * @param settle lets those read the file who are to
     * @param reloads whether a process of Postfix that waits for its next client has read it, and must read it anew
     * @param between what stands between key and reply
     */
    private record Form(
            Pattern line,
            Comparator<Map.Entry<String, Entry>> order,
            Settling settle,
            boolean reloads,
            String between) {}

    private interface Settling {
        void on(Path file) throws IOException;
    }

    /** cidr_table(5). Exemptions go first, then the narrower ranges. */
    private static final Form RANGES = new Form(
            Pattern.compile("([0-9a-f:.]+/\\d{1,3}) ([ -~]+)"),
            Comparator.<Map.Entry<String, Entry>>comparingInt(
                            e -> e.getValue().reply().equals("DUNNO") ? 0 : 1)
                    .thenComparingInt(e ->
                            -Integer.parseInt(e.getKey().substring(e.getKey().indexOf('/') + 1)))
                    .thenComparing(Map.Entry::getKey),
            TableAccess::settle,
            true,
            " ");

    /** texthash: of names, which sendmail(1) reads with no more rights than whoever starts it. */
    private static final Form NAMES = new Form(
            Pattern.compile("([a-z0-9_][!-~]*) ([ -~]+)"), Map.Entry.comparingByKey(), TableAccess::open, false, " ");

    /** passwd-file of Dovecot: nobody's password, and the networks that an account is left. */
    private static final String MAILBOX_FIELDS = "::::::: " + Mailboxes.FIELD + "=";

    private static final Pattern MAILBOX =
            Pattern.compile("([a-z0-9-]+/[^:\\p{Cntrl}]+)" + MAILBOX_FIELDS + "([0-9a-f:./,]+)");

    private final Path path;
    private final Form form;
    private final boolean needed;
    /** Never changed, only replaced, so that any thread may look something up. */
    private volatile NavigableMap<String, Entry> entries = new TreeMap<>();

    private Object identity;

    private TextTable(Path path, Form form, boolean needed) {
        this.path = path.toAbsolutePath().normalize();
        this.form = form;
        this.needed = needed;
    }

    /** The ranges of client addresses at {@code path}; lost until built when there are none or they are not ours. */
    static TextTable ranges(Path path) {
        return new TextTable(path, RANGES, true).opened();
    }

    /**
     * The names of users at {@code path}.
     *
     * @param needed whether it is to be made when it is not there; one that is there is kept either way
     */
    static TextTable names(Path path, boolean needed) {
        return new TextTable(path, NAMES, needed).opened();
    }

    /**
     * The accounts of Dovecot's services at {@code path}, and the networks that they are left.
     *
     * @param group who may read it beside its owner
     * @param needed whether it is to be made when it is not there; one that is there is kept either way
     */
    static TextTable mailboxes(Path path, String group, boolean needed) {
        var form = new Form(
                MAILBOX, Map.Entry.comparingByKey(), file -> TableAccess.settleFor(file, group), false, MAILBOX_FIELDS);
        return new TextTable(path, form, needed).opened();
    }

    private TextTable opened() {
        try {
            form.settle().on(path);
            entries = parse(Files.readAllLines(path, StandardCharsets.UTF_8));
            identity = identity();
        } catch (NoSuchFileException e) {
            if (needed) {
                LOG.info("{} is not there: it will be built once the topics were read", path);
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be read ({}): it will be built anew", path, e.toString());
        }
        return this;
    }

    private NavigableMap<String, Entry> parse(List<String> lines) throws IOException {
        NavigableMap<String, Entry> result = new TreeMap<>();
        long end = Entry.NEVER;
        for (String line : lines) {
            Matcher entry = form.line().matcher(line);
            Matcher ends = END.matcher(line);
            if (entry.matches()) {
                result.put(entry.group(1), new Entry(entry.group(2), end));
                end = Entry.NEVER;
            } else if (ends.matches()) {
                end = Long.parseLong(ends.group(1));
            } else if (!line.startsWith("#")) {
                throw new IOException("it has a line that is not ours");
            }
        }
        return result;
    }

    /** Changes whenever somebody else writes or replaces the file. */
    private Object identity() throws IOException {
        var attributes = Files.readAttributes(path, BasicFileAttributes.class);
        return List.of(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Map<String, Entry> entries(Collection<String> keys) {
        return SortedEntries.of(entries, keys);
    }

    @Override
    public List<Map.Entry<String, Entry>> after(String key, int most) {
        return SortedEntries.after(entries, key, most);
    }

    @Override
    public void apply(Map<String, Entry> changes) throws IOException {
        NavigableMap<String, Entry> next = SortedEntries.changed(entries, changes);
        replace(next);
    }

    @Override
    public boolean changedByRenaming() {
        return form.reloads();
    }

    @Override
    public boolean lost() {
        if (identity == null) {
            return needed || Files.exists(path);
        }
        try {
            if (Objects.equals(identity, identity())) {
                return false;
            }
            LOG.error("{} was changed by somebody else: it is built anew", path);
        } catch (IOException e) {
            LOG.error("{} is gone ({}): it is built anew", path, e.toString());
        }
        identity = null;
        return true;
    }

    @Override
    public void rebuild(Contents contents) throws IOException {
        NavigableMap<String, Entry> all = new TreeMap<>();
        contents.each(all::put);
        replace(all);
    }

    private void replace(NavigableMap<String, Entry> all) throws IOException {
        String text = text(all);
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.createDirectories(path.getParent());
        Files.deleteIfExists(fresh);
        try (FileChannel file = FileChannel.open(
                fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), TableAccess.OWNERS)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                var unused = file.write(bytes);
            }
            file.force(true);
        }
        form.settle().on(fresh);
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (!parse(Files.readAllLines(path, StandardCharsets.UTF_8)).equals(all)) {
            throw new IOException("read back of " + path + " differs: is the disk full?");
        }
        entries = all;
        identity = identity();
    }

    private String text(Map<String, Entry> all) {
        var result = new StringBuilder(HEAD);
        all.entrySet().stream().sorted(form.order()).forEach(e -> {
            if (e.getValue().endsAt() != Entry.NEVER) {
                result.append("# ends ").append(e.getValue().endsAt()).append('\n');
            }
            result.append(e.getKey())
                    .append(form.between())
                    .append(e.getValue().reply())
                    .append('\n');
        });
        return result.toString();
    }

    @Override
    public long count() {
        return identity == null ? 0 : entries.size();
    }

    @Override
    public long size() {
        try {
            return Files.size(path);
        } catch (IOException e) {
            return 0;
        }
    }
}
