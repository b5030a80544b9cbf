package io.postbrake.policysink;

import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;

/** Who must stay reachable, whatever the topics say. */
final class NeverBlock {

    private final Set<String> names = new HashSet<>();

    /**
     * Reads {@code policy.never.block}: {@code postmaster} is that local part in any domain and without one,
     * {@code @example.com} a whole domain, {@code ceo@example.com} one account.
     *
     * @throws ConfigException naming the entry that is none of these
     */
    static NeverBlock of(Collection<String> entries) {
        var result = new NeverBlock();
        for (String entry : entries) {
            String name = entry.strip().toLowerCase(Locale.ROOT);
            if (name.isEmpty() || name.equals("@") || name.chars().anyMatch(c -> Character.isWhitespace(c))) {
                throw new ConfigException(
                        PolicySinkConfig.NEVER_BLOCK,
                        entry,
                        "each entry is a local part (postmaster), a domain (@example.com) or a login");
            }
            result.names.add(name);
        }
        return result;
    }

    boolean account(String login) {
        int at = login.lastIndexOf('@');
        return names.contains(login)
                || (at >= 0 && (names.contains(login.substring(0, at)) || names.contains(login.substring(at))));
    }
}
