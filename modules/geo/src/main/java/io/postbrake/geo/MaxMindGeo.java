package io.postbrake.geo;

import com.maxmind.db.CHMCache;
import com.maxmind.db.DatabaseRecord;
import com.maxmind.db.Network;
import com.maxmind.db.Reader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
                        "geo file '" + file + "' cannot be read: give a MaxMind DB (.mmdb) file (" + e.getMessage()
                                + ")",
                        e);
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
                found.add(file + " cannot be reloaded, the earlier one stays in use: " + e.getMessage());
                LOG.warn("{}", found.get(found.size() - 1));
            }
        }
        problems = List.copyOf(found);
        return reloaded;
    }

    /** Files that changed and could not be reloaded, a sentence each. */
    public List<String> problems() {
        return problems;
    }

    private static Database read(Path file) throws IOException {
        FileTime changed = Files.getLastModifiedTime(file);
        long size = Files.size(file);
        var reader = new Reader(file.toFile(), Reader.FileMode.MEMORY, new CHMCache());
        return new Database(reader, changed, size);
    }

    @Override
    public GeoInfo lookup(String ip) {
        InetAddress address = address(ip);
        if (address == null) {
            return GeoInfo.UNKNOWN;
        }
        Map<String, Object> merged = new LinkedHashMap<>();
        String network = null;
        for (Path file : files) {
            try {
                DatabaseRecord<Map<String, Object>> found =
                        record(databases.get(file).reader(), address);
                if (found.data() != null) {
                    found.data().forEach(merged::putIfAbsent);
                    Network n = found.network();
                    network = network == null && n != null ? n.toString() : network;
                }
            } catch (IOException | RuntimeException e) {
                LOG.debug("no answer of {} for an address", file, e);
            }
        }
        return merged.isEmpty() ? GeoInfo.UNKNOWN : info(merged, network);
    }

    @SuppressWarnings("unchecked")
    private static DatabaseRecord<Map<String, Object>> record(Reader reader, InetAddress address) throws IOException {
        return (DatabaseRecord<Map<String, Object>>) (DatabaseRecord<?>) reader.getRecord(address, Map.class);
    }

    private static GeoInfo info(Map<String, Object> m, String network) {
        Double latitude = number(at(m, "location", "latitude"), m.get("latitude"));
        Double longitude = number(at(m, "location", "longitude"), m.get("longitude"));
        boolean placed = latitude != null && longitude != null;
        Double asn = number(m.get("autonomous_system_number"), null);
        return new GeoInfo(
                text(at(m, "country", "iso_code"), m.get("country_code")),
                text(at(m, "city", "names", "en"), m.get("city")),
                placed ? latitude : null,
                placed ? longitude : null,
                number(at(m, "location", "accuracy_radius"), null),
                asn == null ? null : asn.longValue(),
                text(m.get("autonomous_system_organization"), null),
                network);
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
