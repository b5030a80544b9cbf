package io.postbrake.replay;

import io.postbrake.geo.GeoInfo;
import io.postbrake.geo.GeoLookup;
import java.util.LinkedHashMap;
import java.util.Map;

/** Asks once for an address that comes again and again; files do not change during a replay. For one thread. */
final class RememberedGeo implements GeoLookup {
    private static final int MOST = 1 << 15;

    private final GeoLookup geo;
    private final Map<String, GeoInfo> known = new LinkedHashMap<>(1 << 10, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, GeoInfo> eldest) {
            return size() > MOST;
        }
    };

    RememberedGeo(GeoLookup geo) {
        this.geo = geo;
    }

    @Override
    public GeoInfo lookup(String ip) {
        GeoInfo info = known.get(ip);
        if (info == null) {
            info = geo.lookup(ip);
            known.put(ip, info);
        }
        return info;
    }
}
