package io.postbrake.geo;

import com.maxmind.db.CHMCache;
import com.maxmind.db.DatabaseRecord;
import com.maxmind.db.Network;
import com.maxmind.db.Reader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Places and networks from MaxMind DB files that the operator mounts: GeoLite2's nested keys and the flat ones of
 * ip-location-db. Files are read into memory, so that truncating one in place harms nobody; a changed file is opened
 * before the old one is let go, and one that cannot be read leaves the old one in use.
 *
 * <p>Format: https://maxmind.github.io/MaxMind-DB/
 */
public final class MaxMindGeo implements GeoLookup, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MaxMindGeo.class);

    private record Database(Reader reader, FileTime changed, long size) {}

    private final Map<Path, Database> databases = new ConcurrentHashMap<>();
    private final List<Path> files;
    private final AtomicLong failures = new AtomicLong();
    private volatile List<String> problems = List.of();

    private MaxMindGeo(List<Path> files) {
        this.files = List.copyOf(files);
    }

    /**
     * Opens all files; what an earlier one knows of an address is not overwritten by a later one.
     *
     * @throws IllegalArgumentException naming the file that is missing or no MaxMind DB
     */
    public static MaxMindGeo open(List<Path> files) {
        var geo = new MaxMindGeo(files);
        for (Path file : files) {
            try {
                geo.databases.put(file, read(file));
            } catch (IOException | RuntimeException e) {
                throw new IllegalArgumentException(
                        "geo file '" + file + "' cannot be read: give a MaxMind DB (.mmdb) file (" + why(e) + ")", e);
            }
        }
        return geo;
    }

    /** Takes up files that changed; whether any was. */
    public synchronized boolean reloadIfChanged() {
        boolean reloaded = false;
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            Database old = databases.get(file);
            try {
                if (!Files.getLastModifiedTime(file).equals(old.changed()) || Files.size(file) != old.size()) {
                    databases.put(file, read(file));
                    reloaded = true;
                }
            } catch (IOException | RuntimeException e) {
                found.add(file + " cannot be reloaded, the earlier one stays in use: " + why(e));
                if (!problems.contains(found.get(found.size() - 1))) {
                    LOG.warn("{}", found.get(found.size() - 1));
                }
            }
        }
        problems = List.copyOf(found);
        return reloaded;
    }

    /** Java says only the path of what is not there. */
    private static String why(Exception e) {
        return e instanceof NoSuchFileException
                ? "there is no such file"
                : e instanceof AccessDeniedException ? "access denied" : e.getMessage();
    }

    /** Files that changed and could not be reloaded, a sentence each. */
    public List<String> problems() {
        return problems;
    }

    private static Database read(Path file) throws IOException {
        FileTime changed = Files.getLastModifiedTime(file);
        long size = Files.size(file);
        var reader = new Reader(file.toFile(), Reader.FileMode.MEMORY, new CHMCache());
        try {
            probe(reader);
        } catch (IOException | RuntimeException e) {
            reader.close();
            throw e;
        }
        return new Database(reader, changed, size);
    }

    /** A file whose end is whole may be broken inside: asks for addresses all over it. */
    private static void probe(Reader reader) throws IOException {
        for (int first = 1; first < 224; first++) {
            in(reader, InetAddress.getByAddress(new byte[] {(byte) first, (byte) (37 * first), 0, 1}));
        }
    }

    @Override
    public GeoInfo lookup(String ip) {
        InetAddress address = address(ip);
        if (address == null) {
            return GeoInfo.UNKNOWN;
        }
        GeoInfo known = GeoInfo.UNKNOWN;
        for (Path file : files) {
            try {
                known = merged(known, in(databases.get(file).reader(), address));
            } catch (IOException | RuntimeException e) {
                failures.incrementAndGet();
                LOG.debug("no answer of {} for an address", file, e);
            }
        }
        return known;
    }

    /** Lookups that a file did not answer because it is broken; what the other files know is used. */
    public long failures() {
        return failures.get();
    }

    private static GeoInfo in(Reader reader, InetAddress address) throws IOException {
        DatabaseRecord<Map<String, Object>> found = record(reader, address);
        Network network = found.network();
        return found.data() == null ? GeoInfo.UNKNOWN : info(found.data(), network == null ? null : network.toString());
    }

    /**
     * What an earlier file knows, with a later one's knowledge where it had none. Coordinates and their uncertainty belong
     * together, and neither they nor a city are taken from a file that says another country.
     */
    private static GeoInfo merged(GeoInfo a, GeoInfo b) {
        if (b == GeoInfo.UNKNOWN || a == GeoInfo.UNKNOWN) {
            return a == GeoInfo.UNKNOWN ? b : a;
        }
        boolean sameCountry =
                a.country() == null || b.country() == null || a.country().equals(b.country());
        GeoInfo place = a.latitude() != null || !sameCountry ? a : b;
        return new GeoInfo(
                a.country() == null ? b.country() : a.country(),
                a.city() != null || !sameCountry ? a.city() : b.city(),
                place.latitude(),
                place.longitude(),
                place.radiusKm(),
                a.asn() == null ? b.asn() : a.asn(),
                a.asn() == null && a.asOrganisation() == null ? b.asOrganisation() : a.asOrganisation(),
                a.network() == null ? b.network() : a.network());
    }

    @SuppressWarnings("unchecked")
    private static DatabaseRecord<Map<String, Object>> record(Reader reader, InetAddress address) throws IOException {
        return (DatabaseRecord<Map<String, Object>>) (DatabaseRecord<?>) reader.getRecord(address, Map.class);
    }

    private static GeoInfo info(Map<String, Object> m, String network) {
        Double latitude = number(at(m, "location", "latitude"), m.get("latitude"));
        Double longitude = number(at(m, "location", "longitude"), m.get("longitude"));
        boolean placed = latitude != null && longitude != null && onEarth(latitude, longitude);
        Double asn = number(m.get("autonomous_system_number"), null);
        return new GeoInfo(
                text(at(m, "country", "iso_code"), m.get("country_code")),
                text(at(m, "city", "names", "en"), m.get("city")),
                placed ? latitude : null,
                placed ? longitude : null,
                placed ? number(at(m, "location", "accuracy_radius"), null) : null,
                asn == null ? null : asn.longValue(),
                text(m.get("autonomous_system_organization"), null),
                network);
    }

    /** Files write 0, 0 where they know no place: it is a buoy in the sea, and nobody sends mail from there. */
    private static boolean onEarth(double latitude, double longitude) {
        return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && !(latitude == 0 && longitude == 0);
    }

    private static Object at(Map<String, Object> m, String... keys) {
        Object value = m;
        for (String key : keys) {
            value = value instanceof Map<?, ?> inner ? inner.get(key) : null;
        }
        return value;
    }

    private static String text(Object first, Object second) {
        return first instanceof String s ? s : second instanceof String s ? s : null;
    }

    private static Double number(Object first, Object second) {
        if (first instanceof Number n) {
            return n.doubleValue();
        }
        if (second instanceof Number n) {
            return n.doubleValue();
        }
        try {
            return second instanceof String s ? Double.valueOf(s) : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** An address from its text; never asks a name server. */
    private static InetAddress address(String ip) {
        if (ip == null
                || ip.isEmpty()
                || (ip.indexOf(':') < 0 && !ip.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9')))) {
            return null;
        }
        try {
            return InetAddress.getByName(ip);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    @Override
    public void close() {
        for (Database database : databases.values()) {
            try {
                database.reader().close();
            } catch (IOException e) {
                LOG.debug("closing a geo file", e);
            }
        }
    }
}
