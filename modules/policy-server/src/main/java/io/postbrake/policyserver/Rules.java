package io.postbrake.policyserver;

import io.postbrake.subject.IpNetwork;
import io.postbrake.subject.Logins;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whose mail has which ceilings. The most specific word on a subject wins: a group that names a login or sender, before one
 * that names its domain, before one with the narrowest network, before the limits for everybody. A group replaces all limits
 * of a kind and a unit that it names, and leaves the others.
 */
final class Rules {

    private final Map<Counted, List<Limit>> general;
    private final Map<String, Map<Counted, List<Limit>>> groups = new HashMap<>();
    private final List<NetworkGroup> networks = new ArrayList<>();
    private final Set<String> exempt = new HashSet<>();
    private final List<IpNetwork> exemptNetworks = new ArrayList<>();
    private final List<IpNetwork> own;
    private final boolean looksAtClients;
    private final Map<Counted, long[]> windows = new EnumMap<>(Counted.class);

    private record NetworkGroup(IpNetwork network, Map<Counted, List<Limit>> limits) {}

    /**
     * @param general limits for everybody
     * @param groups limits by member: a login or sender, {@code @domain}, or a network
     * @param exempt members in the same forms whose mail has no ceiling and is not counted
     * @param own networks whose clients' envelope senders are taken for true
     */
    Rules(
            Map<Counted, List<Limit>> general,
            Map<String, Map<Counted, List<Limit>>> groups,
            Set<String> exempt,
            List<IpNetwork> own) {
        this.general = Map.copyOf(general);
        this.own = List.copyOf(own);
        groups.forEach((member, limits) -> {
            var network = IpNetwork.parse(member);
            if (network.isPresent()) {
                networks.add(new NetworkGroup(network.get(), limits));
            } else {
                this.groups.put(Logins.fold(member), limits);
            }
        });
        networks.sort((a, b) -> b.network().prefix() - a.network().prefix());
        for (String member : exempt) {
            IpNetwork.parse(member).ifPresentOrElse(exemptNetworks::add, () -> this.exempt.add(Logins.fold(member)));
        }
        for (Counted kind : Counted.values()) {
            var lengths = new TreeSet<Long>();
            this.general.getOrDefault(kind, List.of()).forEach(limit -> lengths.add(limit.window()));
            groups.values()
                    .forEach(of -> of.getOrDefault(kind, List.of()).forEach(limit -> lengths.add(limit.window())));
            windows.put(kind, lengths.stream().mapToLong(Long::longValue).toArray());
        }
        looksAtClients = !networks.isEmpty()
                || !exemptNetworks.isEmpty()
                || !exempt.isEmpty() // A sender is exempt only where it is known to be true.
                || Stream.of(Counted.CLIENT, Counted.NETWORK, Counted.SENDER, Counted.SENDER_DOMAIN)
                        .anyMatch(kind -> windows(kind).length > 0);
    }

    /** Lengths over which subjects of a kind are counted, in milliseconds; none when they are not. */
    long[] windows(Counted kind) {
        return windows.getOrDefault(kind, new long[0]);
    }

    /**
     * The subjects that a message or recipient counts for, each with its limits, those without any left out; none at all when
     * its login or client is exempt, or its sender and nobody logged in.
     */
    List<Ceiling> of(PolicyRequest request) {
        String login = Logins.fold(request.login());
        String sender = Logins.fold(request.sender());
        IpNetwork client = looksAtClients ? IpNetwork.parse(request.client()).orElse(null) : null;
        boolean known = !login.isEmpty() || (client != null && own.stream().anyMatch(net -> net.contains(client)));
        String senderDomain = known ? domain(sender) : "";
        String loginDomain = domain(login);
        boolean exemptSender = known && (exempt.contains(sender) || exempt.contains("@" + senderDomain));
        // Whoever logged in may give any sender: it frees him from the ceilings of senders alone.
        if (exempt.contains(login)
                || exempt.contains("@" + loginDomain)
                || (exemptSender && login.isEmpty())
                || (client != null && exemptNetworks.stream().anyMatch(net -> net.contains(client)))) {
            return List.of();
        }
        var result = new ArrayList<Ceiling>(4);
        add(result, Counted.LOGIN, login, login, loginDomain, client);
        add(result, Counted.LOGIN_DOMAIN, loginDomain, "", loginDomain, client);
        if (client != null) {
            add(result, Counted.CLIENT, client.octets(), "", "", client);
            add(result, Counted.NETWORK, network(client).cidr(), "", "", client);
        }
        if (known && !exemptSender) {
            add(result, Counted.SENDER, sender, sender, senderDomain, client);
            add(result, Counted.SENDER_DOMAIN, senderDomain, "", senderDomain, client);
        }
        return result;
    }

    /** A subject and its limits. */
    record Ceiling(Counted kind, String subject, List<Limit> limits) {}

    private void add(
            List<Ceiling> to, Counted kind, String name, String address, String domain, @Nullable IpNetwork client) {
        if (name.isEmpty() || windows(kind).length == 0) {
            return;
        }
        List<Limit> limits = limits(kind, address, domain, client);
        if (!limits.isEmpty()) {
            to.add(new Ceiling(kind, kind.subject(name), limits));
        }
    }

    private List<Limit> limits(Counted kind, String address, String domain, @Nullable IpNetwork client) {
        List<Limit> everybodys = general.getOrDefault(kind, List.of());
        if (groups.isEmpty() && networks.isEmpty()) {
            return everybodys;
        }
        List<Limit> result = new ArrayList<>();
        for (Unit unit : Unit.values()) {
            List<Limit> own = special(kind, unit, address, domain, client);
            (own.isEmpty() ? everybodys : own)
                    .stream().filter(limit -> limit.unit() == unit).forEach(result::add);
        }
        return result;
    }

    private List<Limit> special(Counted kind, Unit unit, String address, String domain, @Nullable IpNetwork client) {
        List<Limit> named = said(groups.get(address), kind, unit);
        if (named.isEmpty() && !domain.isEmpty()) {
            named = said(groups.get("@" + domain), kind, unit);
        }
        for (int i = 0; named.isEmpty() && client != null && i < networks.size(); i++) {
            if (networks.get(i).network().contains(client)) {
                named = said(networks.get(i).limits(), kind, unit);
            }
        }
        return named;
    }

    private static List<Limit> said(@Nullable Map<Counted, List<Limit>> limits, Counted kind, Unit unit) {
        return limits == null
                ? List.of()
                : limits.getOrDefault(kind, List.of()).stream()
                        .filter(l -> l.unit() == unit)
                        .toList();
    }

    private static IpNetwork network(IpNetwork client) {
        return client.within(client.address().length == 4 ? 24 : 64);
    }

    private static String domain(String address) {
        int at = address.lastIndexOf('@');
        return at < 0 ? "" : address.substring(at + 1);
    }
}
