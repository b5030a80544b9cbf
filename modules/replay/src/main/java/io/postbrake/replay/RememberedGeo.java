package io.postbrake.replay;

import io.postbrake.geo.GeoInfo;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.Listing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks once for an address that comes again and again; files do not change during a replay. What was not asked about for long
 * is forgotten: when the newer half is full, the older one is given up. For one thread.
 */
final class RememberedGeo implements GeoLookup {
    private static final int HALF = 1 << 14;

    private final GeoLookup geo;
    private Map<String, GeoInfo> newer = new HashMap<>();
    private Map<String, GeoInfo> older = new HashMap<>();

    RememberedGeo(GeoLookup geo) {
        this.geo = geo;
    }

    @Override
    public GeoInfo lookup(String ip) {
        GeoInfo info = newer.get(ip);
        if (info == null) {
            info = older.get(ip);
            if (info == null) {
                info = geo.lookup(ip);
            }
            if (newer.size() == HALF) {
                older = newer;
                newer = new HashMap<>();
            }
            newer.put(ip, info);
        }
        return info;
    }

    @Override
    public List<Listing> listed(String ip, Long asnOrNull) {
        return geo.listed(ip, asnOrNull);
    }
}
