package io.postbrake.policysink;

import io.postbrake.subject.IpNetwork;
import java.util.Optional;

/**
 * Client addresses and networks. One table has what Postfix looks up by key (addresses and leading octets of IPv4, seen
 * at once), the other has ranges, which Postfix reads when a process starts.
 */
final class Clients implements Subjects {

    private static final String ADDRESS = "client_ip:";
    private static final String NETWORK = "client_net:";
    private final NeverBlock never;
    private final boolean ranges;

    private Clients(NeverBlock never, boolean ranges) {
        this.never = never;
        this.ranges = ranges;
    }

    /** Those that are keys of an indexed table. */
    static Clients indexed(NeverBlock never) {
        return new Clients(never, false);
    }

    /** The ranges; allowed addresses too, for they are to be let through a blocked range. */
    static Clients ranges(NeverBlock never) {
        return new Clients(never, true);
    }

    @Override
    public boolean concerns(String recordKey) {
        return recordKey.startsWith(ADDRESS) || recordKey.startsWith(NETWORK);
    }

    @Override
    public String subject(String recordKey) {
        Optional<IpNetwork> net = net(recordKey);
        return ranges
                ? net.map(IpNetwork::cidr).orElse(null)
                : net.map(n -> n.indexed() ? n.octets() : n.cidr()).orElse(null);
    }

    private static Optional<IpNetwork> net(String recordKey) {
        boolean single = recordKey.startsWith(ADDRESS);
        return IpNetwork.parse(recordKey.substring(recordKey.indexOf(':') + 1))
                .filter(n -> !single || n.single())
                .filter(n -> !n.tooWide());
    }

    @Override
    public boolean enforces(String key) {
        return ranges ? IpNetwork.parse(key).map(net -> !net.indexed()).orElse(false) : key.indexOf('/') < 0;
    }

    @Override
    public boolean never(String key) {
        return never.client(ranges || key.indexOf('/') >= 0 || key.indexOf(':') >= 0 ? key : padded(key));
    }

    @Override
    public String recordKey(String key) {
        boolean network = key.indexOf('/') >= 0;
        boolean whole = network || key.indexOf(':') >= 0 || key.split("\\.").length == 4;
        return whole ? (network ? NETWORK : ADDRESS) + key : NETWORK + padded(key);
    }

    /** {@code 192.0.2} as {@code 192.0.2.0/24}. */
    private static String padded(String octets) {
        int count = octets.split("\\.").length;
        return octets + ".0".repeat(4 - count) + "/" + 8 * count;
    }

    /** Not "OK", which would also let it relay: only this table's wider entries are not to count. */
    @Override
    public String exemption(String key) {
        return ranges || enforces(key) ? "DUNNO" : null;
    }
}
