package io.postbrake.geo;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists of addresses with a reputation that the operator mounts; {@code docs/reputation.md} has their forms. A changed file is
 * read before the earlier one is let go, and one that is of no use leaves the earlier one in use. Safe for many threads.
 */
public final class AddressLists {
    private static final Logger LOG = LoggerFactory.getLogger(AddressLists.class);

    private record Source(Path file, String name, ListKind kind) {}

    private record Loaded(Source source, AddressList list, FileTime changed, long size) {}

    /**
     * How a list is.
     *
     * @param entries entries that were understood; -1 where they are not counted
     * @param badLines lines that were not
     * @param builtAt when its publisher made it, or else when the file was written
     */
    public record State(long entries, long badLines, Instant builtAt) {}

    private final List<Source> sources;
    private final Map<Path, Loaded> loaded = new ConcurrentHashMap<>();
    private final MountedFiles mounted;

    private AddressLists(List<Source> sources) {
        this.sources = sources;
        this.mounted = new MountedFiles(sources.stream().map(Source::file).toList(), LOG);
    }

    /**
     * Reads all lists.
     *
     * @param specs paths, each with {@code abuse:}, {@code anonymous:} or {@code hosting:} before it, or nothing for the first
     * @throws IllegalArgumentException naming the list that is missing or of no use, and why
     */
    public static AddressLists open(List<String> specs) {
        Map<String, Source> byName = new LinkedHashMap<>();
        for (String spec : specs) {
            Source source = source(spec);
            Source other = byName.putIfAbsent(source.name(), source);
            if (other != null) {
                throw new IllegalArgumentException("lists '" + other.file() + "' and '" + source.file()
                        + "' have one name, " + source.name() + ": call one of the files otherwise");
            }
        }
        var lists = new AddressLists(List.copyOf(byName.values()));
        for (Source source : lists.sources) {
            try {
                lists.loaded.put(source.file(), load(source));
            } catch (IOException | RuntimeException e) {
                throw new IllegalArgumentException(
                        "list '" + source.file() + "' cannot be used: " + MountedFiles.why(e), e);
            }
            lists.tell(source);
        }
        return lists;
    }

    private static Source source(String spec) {
        int colon = spec.indexOf(':');
        ListKind given =
                colon < 0 ? null : ListKind.of(spec.substring(0, colon)).orElse(null);
        Path file = Path.of(given == null ? spec : spec.substring(colon + 1));
        String name = file.getFileName() == null
                ? ""
                : file.getFileName().toString().replaceFirst("\\.[A-Za-z0-9]{1,8}$", "");
        if (name.isEmpty()) {
            throw new IllegalArgumentException("list '" + spec + "' cannot be used: give the path of a file");
        }
        return new Source(file, name, given == null ? ListKind.ABUSE : given);
    }

    private static Loaded load(Source source) throws IOException {
        FileTime changed = Files.getLastModifiedTime(source.file());
        long size = Files.size(source.file());
        AddressList list = source.file().toString().endsWith(".mmdb")
                ? MmdbList.open(source.file(), source.name())
                : ListReader.read(source.file(), source.name(), source.kind());
        return new Loaded(source, list, changed, size);
    }

    private void tell(Source source) {
        AddressList list = loaded.get(source.file()).list();
        LOG.info(
                "list {} of {} ({}): {} entries, {} lines left out",
                source.name(),
                list.builtAt(),
                source.file(),
                list.entries() < 0 ? "uncounted" : list.entries(),
                list.badLines());
    }

    /** Takes up files that changed; whether any was. */
    public boolean reloadIfChanged() {
        return mounted.reload(this::takenUp);
    }

    private boolean takenUp(Path file) throws IOException {
        Loaded before = loaded.get(file);
        if (Files.getLastModifiedTime(file).equals(before.changed()) && Files.size(file) == before.size()) {
            return false;
        }
        loaded.put(file, load(before.source()));
        tell(before.source());
        return true;
    }

    /** Lists that changed and could not be taken up, a sentence each. */
    public List<String> problems() {
        return mounted.problems();
    }

    /** How each list is, by its name. */
    public Map<String, State> states() {
        Map<String, State> states = new LinkedHashMap<>();
        for (Source source : sources) {
            AddressList list = loaded.get(source.file()).list();
            states.put(source.name(), new State(list.entries(), list.badLines(), list.builtAt()));
        }
        return states;
    }

    /** The lists that an address is on, in the order of the settings; none for an address of nobody on the Internet. */
    public List<Listing> find(String ip, Long asnOrNull) {
        InetAddress address = ClientAddress.parse(ip);
        if (address == null || ClientAddress.nowhere(address)) {
            return List.of();
        }
        List<Listing> found = new ArrayList<>(0);
        for (Source source : sources) {
            Listing listing = loaded.get(source.file()).list().find(address, asnOrNull);
            if (listing != null) {
                found.add(listing);
            }
        }
        return found;
    }

    /** What is known of addresses by {@code geo}, and by these lists. */
    public GeoLookup beside(GeoLookup geo) {
        return new GeoLookup() {
            @Override
            public GeoInfo lookup(String ip) {
                return geo.lookup(ip);
            }

            @Override
            public List<Listing> listed(String ip, Long asnOrNull) {
                return find(ip, asnOrNull);
            }
        };
    }
}
