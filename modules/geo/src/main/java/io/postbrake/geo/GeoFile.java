package io.postbrake.geo;

import com.maxmind.db.CHMCache;
import com.maxmind.db.DatabaseRecord;
import com.maxmind.db.InvalidNetworkException;
import com.maxmind.db.Metadata;
import com.maxmind.db.Network;
import com.maxmind.db.Networks;
import com.maxmind.db.Reader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One MaxMind DB file, whole in memory, that was found to say something. */
final class GeoFile {

    /** Entries that may say nothing before a file is given up. */
    private static final int LOOKED_AT = 20_000;

    private static final int KEYS_TOLD = 20;
    private static final int KEY_LENGTH = 60;

    private final Reader reader;
    private final FileTime changed;
    private final long size;

    private GeoFile(Reader reader, FileTime changed, long size) {
        this.reader = reader;
        this.changed = changed;
        this.size = size;
    }

    /**
     * Reads a file and looks into it.
     *
     * @throws IOException when it is not there, no MaxMind DB, broken inside, or says nothing that is of use here
     */
    static GeoFile open(Path file) throws IOException {
        FileTime changed = Files.getLastModifiedTime(file);
        long size = Files.size(file);
        WrongKind.refuse(file);
        var opened = new GeoFile(new Reader(file.toFile(), Reader.FileMode.MEMORY, new CHMCache()), changed, size);
        try {
            opened.probe();
            opened.refuseVoid();
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    /** Whether the file on the disk is another one by now. */
    boolean replaced(Path file) throws IOException {
        return !Files.getLastModifiedTime(file).equals(changed) || Files.size(file) != size;
    }

    /**
     * What the file says of an address. A file of IPv4 says nothing of IPv6: the reader would walk its tree by the first 32
     * bits, and answer with somebody else's place.
     */
    GeoInfo lookup(InetAddress address) throws IOException {
        if (ipv4Only() && address.getAddress().length != 4) {
            return GeoInfo.UNKNOWN;
        }
        return info(record(address));
    }

    Instant builtAt() {
        return reader.getMetadata().buildTime();
    }

    /** Its kind, age and reach, for a person. */
    String description() {
        Metadata about = reader.getMetadata();
        return printable(about.databaseType()) + ", built "
                + about.buildTime().toString().substring(0, 10)
                + (ipv4Only() ? ", IPv4 only: clients with IPv6 have no place in it" : "");
    }

    void close() throws IOException {
        reader.close();
    }

    private boolean ipv4Only() {
        return reader.getMetadata().ipVersion() == 4;
    }

    @SuppressWarnings("unchecked")
    private DatabaseRecord<Map<String, Object>> record(InetAddress address) throws IOException {
        return (DatabaseRecord<Map<String, Object>>) (DatabaseRecord<?>) reader.getRecord(address, Map.class);
    }

    private static GeoInfo info(DatabaseRecord<? extends Map<?, ?>> found) {
        Network network = found.network();
        return found.data() == null
                ? GeoInfo.UNKNOWN
                : GeoRecord.read(found.data(), network == null ? null : network.toString());
    }

    /** A file whose end is whole may be broken inside: asks for addresses all over it. */
    private void probe() throws IOException {
        for (int first = 1; first < 224; first++) {
            lookup(InetAddress.getByAddress(new byte[] {(byte) first, (byte) (37 * first), 0, 1}));
            byte[] ipv6 = new byte[16];
            ipv6[0] = (byte) (0x20 + first % 16);
            ipv6[1] = (byte) first;
            ipv6[2] = (byte) (37 * first);
            lookup(InetAddress.getByAddress(ipv6));
        }
    }

    /** Goes through the entries until one has a fact about somebody on the Internet. */
    @SuppressWarnings("rawtypes")
    private void refuseVoid() throws IOException {
        Set<String> keys = new TreeSet<>();
        int looked = 0;
        Networks<Map> all = entries();
        while (looked < LOOKED_AT && all.hasNext()) {
            DatabaseRecord<Map> entry = all.next();
            if (entry.data() == null) {
                continue;
            }
            looked++;
            boolean somewhere = entry.network() == null
                    || !ClientAddress.nowhere(entry.network().networkAddress());
            if (somewhere && GeoRecord.read(entry.data(), null) != GeoInfo.UNKNOWN) {
                return;
            }
            collect("", entry.data(), keys);
        }
        String kind = "it is of the type '" + printable(reader.getMetadata().databaseType()) + "'";
        String page = "; give a file of countries, cities or networks, docs/geography.md lists them";
        throw new IOException(
                looked == 0
                        ? kind + " and has no entries" + page
                        : kind + ", and in " + looked + (looked == 1 ? " entry" : " entries")
                                + " no country, place or network was found; it has the keys "
                                + keys.stream().limit(KEYS_TOLD).collect(Collectors.joining(", "))
                                + (keys.size() > KEYS_TOLD ? ", ..." : "") + page);
    }

    @SuppressWarnings("rawtypes")
    private Networks<Map> entries() throws IOException {
        try {
            return reader.networks(Map.class);
        } catch (InvalidNetworkException e) {
            throw new IOException("it is broken inside: " + e.getMessage(), e);
        }
    }

    private static void collect(String before, Map<?, ?> entry, Set<String> keys) {
        for (Map.Entry<?, ?> e : entry.entrySet()) {
            if (keys.size() > KEYS_TOLD) {
                return;
            }
            String key = before + printable(String.valueOf(e.getKey()));
            if (e.getValue() instanceof Map<?, ?> inner && before.length() < KEY_LENGTH) {
                collect(key + ".", inner, keys);
            } else {
                keys.add(key);
            }
        }
    }

    /** Names out of a file may hold anything. */
    private static String printable(String text) {
        String plain = text.replaceAll("[^\\x20-\\x7e]", "?");
        return plain.length() > KEY_LENGTH ? plain.substring(0, KEY_LENGTH) + "..." : plain;
    }
}
