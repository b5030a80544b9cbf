package io.postbrake.geo;

import io.postbrake.subject.IpNetwork;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A list of addresses, networks and autonomous systems that came as text, in whatever form. */
final class TextList implements AddressList {
    private static final Instant END = Instant.parse("9999-12-31T00:00:00Z");

    private final String name;
    private final ListKind kind;
    private final IpRanges listed = new IpRanges();
    private final IpRanges excepted = new IpRanges();
    private final Map<Long, Long> systems = new HashMap<>();
    private Instant builtAt;
    private long entries;
    private long bad;

    TextList(String name, ListKind kind, Instant builtAt) {
        this.name = name;
        this.kind = kind;
        this.builtAt = builtAt;
    }

    /** Adds an address, a network, or all from one to another ({@code 192.0.2.1-192.0.2.9}); false when it is none of these. */
    boolean add(String text, Instant sinceOrNull) {
        return add(listed, text, sinceOrNull);
    }

    /** What a wider entry holds and is not meant. */
    boolean except(String text) {
        return add(excepted, text, null);
    }

    private boolean add(IpRanges to, String text, Instant sinceOrNull) {
        long since = sinceOrNull == null || !isTime(sinceOrNull) ? IpRanges.NEVER : sinceOrNull.toEpochMilli();
        int dash = text.indexOf('-');
        boolean added;
        if (dash > 0) {
            Optional<IpNetwork> first = IpNetwork.parse(text.substring(0, dash)).filter(IpNetwork::single);
            Optional<IpNetwork> last = IpNetwork.parse(text.substring(dash + 1)).filter(IpNetwork::single);
            added = first.isPresent() && last.isPresent() && to.add(first.get(), last.get(), since);
        } else {
            // So wide a network is a mistake, or everybody.
            Optional<IpNetwork> net = IpNetwork.parse(text).filter(n -> !n.tooWide());
            net.ifPresent(n -> to.add(n, since));
            added = net.isPresent();
        }
        entries += added ? 1 : 0;
        return added;
    }

    void addSystem(long asn) {
        systems.put(asn, IpRanges.NEVER);
        entries++;
    }

    void bad() {
        bad++;
    }

    /** A time that is none of this world says nothing. */
    void builtAt(Instant publisherSays) {
        if (isTime(publisherSays)) {
            builtAt = publisherSays;
        }
    }

    /** As above, in seconds since 1970. */
    void builtAt(long publisherSays) {
        builtAt(Instant.ofEpochSecond(Math.max(-1, Math.min(publisherSays, END.getEpochSecond()))));
    }

    private static boolean isTime(Instant time) {
        return !time.isBefore(Instant.EPOCH) && time.isBefore(END);
    }

    TextList sealed() {
        listed.seal();
        excepted.seal();
        return this;
    }

    @Override
    public Listing find(InetAddress address, Long asnOrNull) {
        Long since = listed.since(address);
        if (since != null && excepted.since(address) != null) {
            since = null;
        }
        if (since == null && asnOrNull != null) {
            since = systems.get(asnOrNull);
        }
        return since == null
                ? null
                : new Listing(name, kind.word(), since == IpRanges.NEVER ? builtAt : Instant.ofEpochMilli(since));
    }

    @Override
    public long entries() {
        return entries;
    }

    @Override
    public long badLines() {
        return bad;
    }

    @Override
    public Instant builtAt() {
        return builtAt;
    }
}
