package io.postbrake.policysink;

import io.postbrake.subject.IpNetwork;
import io.postbrake.subject.Logins;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;

/** Who must stay reachable, whatever the topics say. */
final class NeverBlock {

    private final Set<String> names = new HashSet<>();
    private final List<IpNetwork> nets = new ArrayList<>();

    /**
     * Reads {@code policy.never.block}: {@code postmaster} is that local part in any domain and without one,
     * {@code @example.com} a whole domain, {@code ceo@example.com} one account, {@code 192.0.2.0/24} a network and
     * {@code 192.0.2.7} an address. Loopback is never blocked either.
     *
     * @throws ConfigException naming the entry that is none of these
     */
    static NeverBlock of(Collection<String> entries) {
        var result = new NeverBlock();
        Stream.of("127.0.0.0/8", "::1").forEach(net -> IpNetwork.parse(net).ifPresent(result.nets::add));
        for (String entry : entries) {
            String name = entry.strip().toLowerCase(Locale.ROOT);
            if (name.isEmpty() || name.equals("@") || name.chars().anyMatch(c -> Character.isWhitespace(c))) {
                throw new ConfigException(
                        PolicySinkConfig.NEVER_BLOCK,
                        entry,
                        "each entry is a local part (postmaster), a domain (@example.com), a login or a network"
                                + " (192.0.2.0/24)");
            }
            Optional<IpNetwork> net = IpNetwork.parse(name);
            if (net.isPresent()) {
                result.nets.add(net.get());
            } else if (name.indexOf('/') >= 0 || name.indexOf(':') >= 0) {
                throw new ConfigException(
                        PolicySinkConfig.NEVER_BLOCK, entry, "a network has no bits behind its prefix (192.0.2.0/24)");
            } else {
                // A table's key of it, with SMTPUTF8 and without.
                result.names.add(Logins.fold(name));
                result.names.add(Logins.withoutUtf8(name));
            }
        }
        return result;
    }

    boolean account(String login) {
        int at = login.lastIndexOf('@');
        return names.contains(login)
                || (at >= 0 && (names.contains(login.substring(0, at)) || names.contains(login.substring(at))));
    }

    /** Whether a network, in CIDR notation, has anything in common with one that may never be blocked. */
    boolean client(String cidr) {
        return IpNetwork.parse(cidr)
                .map(net -> nets.stream().anyMatch(net::overlaps))
                .orElse(true);
    }
}
