package io.postbrake.geo;

import com.maxmind.db.CHMCache;
import com.maxmind.db.DatabaseRecord;
import com.maxmind.db.InvalidNetworkException;
import com.maxmind.db.Networks;
import com.maxmind.db.Reader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A MaxMind DB file of anonymous or hosting networks: MaxMind's Anonymous IP, and IPinfo's, which writes its flags as text. */
final class MmdbList implements AddressList {
    private static final int LOOKED_AT = 20_000;
    private static final List<String> ANONYMOUS = List.of(
            "is_anonymous",
            "is_anonymous_vpn",
            "is_public_proxy",
            "is_residential_proxy",
            "is_tor_exit_node",
            "vpn",
            "proxy",
            "tor",
            "relay");
    private static final List<String> HOSTING = List.of("is_hosting_provider", "hosting");

    private final Reader reader;
    private final String name;

    private MmdbList(Reader reader, String name) {
        this.reader = reader;
        this.name = name;
    }

    /**
     * Reads a file and looks into it.
     *
     * @throws IOException when it is broken, or no entry says that it is anonymous or hosting
     */
    static MmdbList open(Path file, String name) throws IOException {
        WrongKind.refuse(file);
        var opened = new MmdbList(new Reader(file.toFile(), Reader.FileMode.MEMORY, new CHMCache()), name);
        try {
            opened.refuseVoid();
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    @SuppressWarnings("rawtypes")
    private void refuseVoid() throws IOException {
        try {
            Networks<Map> all = reader.networks(Map.class);
            for (int i = 0; i < LOOKED_AT && all.hasNext(); i++) {
                DatabaseRecord<Map> entry = all.next();
                if (entry.data() != null && kind(entry.data()) != null) {
                    return;
                }
            }
        } catch (InvalidNetworkException e) {
            throw new IOException("it is broken inside: " + e.getMessage(), e);
        }
        throw new IOException("no entry of it says is_anonymous, is_hosting_provider or the like; files of places go to"
                + " geo.files");
    }

    private static ListKind kind(Map<?, ?> entry) {
        Map<?, ?> traits = entry.get("traits") instanceof Map<?, ?> inner ? inner : Map.of();
        if (ANONYMOUS.stream().anyMatch(key -> yes(entry.get(key)) || yes(traits.get(key)))) {
            return ListKind.ANONYMOUS;
        }
        return HOSTING.stream().anyMatch(key -> yes(entry.get(key)) || yes(traits.get(key))) ? ListKind.HOSTING : null;
    }

    private static boolean yes(Object flag) {
        return Boolean.TRUE.equals(flag) || "true".equals(flag);
    }

    @Override
    public Listing find(InetAddress address, Long asnOrNull) {
        if (reader.getMetadata().ipVersion() == 4 && address.getAddress().length != 4) {
            return null; // The reader would answer by the first 32 bits.
        }
        try {
            Map<?, ?> entry = reader.get(address, Map.class);
            ListKind kind = entry == null ? null : kind(entry);
            return kind == null ? null : new Listing(name, kind.word(), builtAt());
        } catch (IOException | RuntimeException e) {
            return null; // Broken inside, at this one.
        }
    }

    @Override
    public long entries() {
        return -1;
    }

    @Override
    public long badLines() {
        return 0;
    }

    @Override
    public Instant builtAt() {
        return reader.getMetadata().buildTime();
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
