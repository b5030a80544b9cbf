package io.postbrake.geo;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Places and networks from MaxMind DB files that the operator mounts, in the layouts of several makers. Files are read into
 * memory, so that truncating one in place harms nobody; a changed file is opened before the old one is let go, and one that
 * cannot be read, or says nothing, leaves the old one in use.
 *
 * <p>An IPv6 address that holds its client's IPv4 address is asked for as that one, and an address of nobody on the Internet
 * (private, shared, loopback and the like) has no place whatever a file says.
 *
 * <p>Format: https://maxmind.github.io/MaxMind-DB/
 */
public final class MaxMindGeo implements GeoLookup, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MaxMindGeo.class);

    private final Map<Path, GeoFile> databases = new ConcurrentHashMap<>();
    private final List<Path> files;
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong lookups = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();
    private final MountedFiles mounted;

    private MaxMindGeo(List<Path> files) {
        this.files = List.copyOf(files);
        this.mounted = new MountedFiles(files, LOG);
    }

    /**
     * Opens all files; what an earlier one knows of an address is not overwritten by a later one.
     *
     * @throws IllegalArgumentException naming the file that is missing, no MaxMind DB, or says nothing
     */
    public static MaxMindGeo open(List<Path> files) {
        MaxMindGeo geo = opened(files);
        geo.files.forEach(file ->
                LOG.info("geo file {}: {}", file, geo.databases.get(file).description()));
        return geo;
    }

    private static MaxMindGeo opened(List<Path> files) {
        var geo = new MaxMindGeo(files);
        for (Path file : files) {
            try {
                geo.databases.put(file, GeoFile.open(file));
            } catch (IOException | RuntimeException e) {
                geo.close();
                throw new IllegalArgumentException("geo file '" + file + "' cannot be used: " + MountedFiles.why(e), e);
            }
        }
        return geo;
    }

    /**
     * Looks into files before anything else is started.
     *
     * @throws IllegalArgumentException as {@link #open}
     */
    public static void check(List<Path> files) {
        opened(files).close();
    }

    /**
     * When a file's publisher built it.
     *
     * @throws IllegalArgumentException as {@link #open}
     */
    public static Instant builtAt(Path file) {
        try (MaxMindGeo geo = opened(List.of(file))) {
            return geo.databases.get(file).builtAt();
        }
    }

    /** Takes up files that changed; whether any was. */
    public boolean reloadIfChanged() {
        return mounted.reload(this::takenUp);
    }

    private boolean takenUp(Path file) throws IOException {
        if (!databases.get(file).replaced(file)) {
            return false;
        }
        GeoFile opened = GeoFile.open(file);
        databases.put(file, opened);
        LOG.info("geo file {} taken up: {}", file, opened.description());
        return true;
    }

    /** Files that changed and could not be reloaded, a sentence each. */
    public List<String> problems() {
        return mounted.problems();
    }

    @Override
    public GeoInfo lookup(String ip) {
        InetAddress address = ClientAddress.parse(ip);
        if (address == null || ClientAddress.nowhere(address)) {
            return GeoInfo.UNKNOWN;
        }
        GeoInfo known = GeoInfo.UNKNOWN;
        for (Path file : files) {
            try {
                known = merged(known, databases.get(file).lookup(address));
            } catch (IOException | RuntimeException e) {
                failures.incrementAndGet();
                LOG.debug("no answer of {} for an address", file, e);
            }
        }
        lookups.incrementAndGet();
        if (known == GeoInfo.UNKNOWN) {
            unknown.incrementAndGet();
        }
        return known;
    }

    /** Lookups of addresses on the Internet. */
    public long lookups() {
        return lookups.get();
    }

    /** Those of them of which no file knew anything, such as IPv6 where the files are of IPv4. */
    public long unknown() {
        return unknown.get();
    }

    /** Lookups that a file did not answer because it is broken; what the other files know is used. */
    public long failures() {
        return failures.get();
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

    @Override
    public void close() {
        for (GeoFile file : databases.values()) {
            try {
                file.close();
            } catch (IOException e) {
                LOG.debug("closing a geo file", e);
            }
        }
    }
}
