package io.postbrake.policyserver;

import io.postbrake.settings.Settings;
import io.postbrake.subject.IpNetwork;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the policy server.
 *
 * @param listen a unix socket, or a TCP port
 * @param group who may ask by the unix socket
 * @param answer the action beyond a ceiling
 * @param fallback the action when there is no time to look, or what was asked is no question
 * @param fleet whether hosts count together
 * @param rules whose mail has which ceilings
 */
public record PolicyServerConfig(
        SocketAddress listen, String group, String answer, String fallback, boolean fleet, Rules rules) {

    /** Where a stock Postfix has its queue, with the socket in it. */
    public static final String DEFAULT_LISTEN = "unix:/var/spool/postfix/postbrake/policy";

    /** The action beyond a ceiling, unless another is given. */
    public static final String DEFAULT_ANSWER = "DEFER_IF_PERMIT 4.7.1 Sending limit reached, try again later";

    private static final String LIMITS = "limits";
    private static final String GROUPS = "groups";
    private static final String MEMBERS = "members";
    private static final List<String> LOOPBACK = List.of("127.0.0.0/8", "::1");
    private static final String MEMBER_RIGHT =
            "a list of logins or senders (alice@example.net), domains (@example.net), addresses or networks (192.0.2.0/24)";

    /** The keys of the section, without those below {@code limits} and {@code groups}. */
    public static final List<String> KEYS =
            List.of("listen", "socket.group", "answer", "fallback", "mynetworks", "exempt", "fleet", LIMITS, GROUPS);

    /** Where Postfix is to ask, as the settings name it. */
    public String where() {
        return listen instanceof InetSocketAddress inet
                ? "inet:" + inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : "unix:" + listen;
    }

    /**
     * Reads the section {@code quotas} of a file; null when there is none. Problems are kept where the settings keep them.
     *
     * @throws IllegalArgumentException naming key, value and what would be right, when the settings do not
     */
    public static @Nullable PolicyServerConfig of(Settings file) {
        if (!file.has("quotas")) {
            return null;
        }
        Settings section = file.section("quotas");
        SocketAddress listen = section.parsed(
                "listen",
                address(DEFAULT_LISTEN),
                PolicyServerConfig::address,
                "unix:/PATH of a socket in Postfix's queue_directory, or inet:127.0.0.1:PORT");
        String group = section.textOr("socket.group", "postfix");
        String answer = section.parsed("answer", DEFAULT_ANSWER, Answer::parse, Answer.RIGHT);
        String fallback = section.parsed("fallback", Answer.PASS, Answer::parseFallback, "DUNNO, or " + Answer.RIGHT);
        List<String> own = section.has("mynetworks")
                ? section.texts("mynetworks", "a list of networks, as Postfix's mynetworks has them")
                : LOOPBACK;
        Set<String> exempt = new HashSet<>(members(section, "exempt", "quotas.exempt"));
        Map<Counted, List<Limit>> general = limits(section.section(LIMITS), "quotas.limits", Set.of());
        Map<String, Map<Counted, List<Limit>>> groups = groups(section.section(GROUPS));
        boolean fleet = section.flag("fleet", true);
        section.noOthers();
        if (!section.has(LIMITS) && groups.isEmpty()) {
            section.problem(
                    "quotas.limits is missing: give at least one, such as login.messages: 50/1h, 200/1d; or leave"
                            + " quotas out");
        }
        return new PolicyServerConfig(
                listen, group, answer, fallback, fleet, new Rules(general, groups, exempt, networks(section, own)));
    }

    private static List<IpNetwork> networks(Settings section, List<String> texts) {
        List<IpNetwork> result = new ArrayList<>();
        for (String text : texts) {
            IpNetwork.parse(text.replace("[", "").replace("]", ""))
                    .ifPresentOrElse(
                            result::add,
                            () -> section.problem("quotas.mynetworks has '" + text
                                    + "': give an address or a network such as 192.0.2.0/24"));
        }
        return result;
    }

    private static Map<String, Map<Counted, List<Limit>>> groups(Settings section) {
        Map<String, Map<Counted, List<Limit>>> result = new HashMap<>();
        for (String name : new TreeSet<>(section.given())) {
            Settings group = section.section(name);
            List<String> members = members(group, MEMBERS, "quotas.groups." + name + ".members");
            Map<Counted, List<Limit>> limits = limits(group, "quotas.groups." + name, Set.of(MEMBERS));
            if (members.isEmpty() || limits.isEmpty()) {
                group.problem("quotas.groups." + name + " has " + (members.isEmpty() ? "no members" : "no limits")
                        + ": give members, " + MEMBER_RIGHT + ", and limits such as login.messages: 500/1h");
            }
            for (String member : members) {
                if (result.put(member, limits) != null) {
                    group.problem("quotas.groups." + name + ".members has '" + member
                            + "', which another group has too: leave it in one");
                }
            }
        }
        return result;
    }

    private static List<String> members(Settings section, String key, String whole) {
        List<String> members = section.texts(key, MEMBER_RIGHT);
        for (String member : members) {
            if (member.isBlank()
                    || member.strip().length() != member.length()
                    || (member.contains("/")
                            && !member.contains("@")
                            && IpNetwork.parse(member).isEmpty())) {
                section.problem(whole + " has '" + member + "': give " + MEMBER_RIGHT);
            }
        }
        return members;
    }

    private static Map<Counted, List<Limit>> limits(Settings section, String where, Set<String> others) {
        Map<Counted, List<Limit>> result = new EnumMap<>(Counted.class);
        others.forEach(section::has);
        for (Counted kind : Counted.values()) {
            for (Unit unit : Unit.values()) {
                String key = kind.word() + "." + unit.word();
                List<Limit> limits = section.has(key) ? section.attempt(() -> parsed(section, key, where, unit)) : null;
                if (limits != null && !limits.isEmpty()) {
                    result.computeIfAbsent(kind, k -> new ArrayList<>()).addAll(limits);
                }
            }
        }
        section.noOthers();
        return result;
    }

    private static List<Limit> parsed(Settings section, String key, String where, Unit unit) {
        List<Limit> result = new ArrayList<>();
        for (String text : section.oneOrMore(key, Limit.RIGHT)) {
            try {
                result.addAll(Limit.parse(unit, text));
            } catch (IllegalArgumentException e) {
                section.problem(where + "." + key + " is '" + text + "': give " + Limit.RIGHT);
            }
        }
        return result;
    }

    private static SocketAddress address(String text) {
        if (text.startsWith("unix:/")) {
            return unix(Path.of(text.substring("unix:".length())));
        }
        int colon = text.lastIndexOf(':');
        if (!text.startsWith("inet:") || colon <= "inet:".length()) {
            throw new IllegalArgumentException(text);
        }
        int port = Integer.parseInt(text.substring(colon + 1));
        try {
            InetAddress host = InetAddress.getByName(text.substring("inet:".length(), colon));
            return new InetSocketAddress(host, port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static SocketAddress unix(Path path) {
        if (path.getParent() == null) {
            throw new IllegalArgumentException(path.toString());
        }
        return UnixDomainSocketAddress.of(path);
    }
}
