package io.postbrake.app.console;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Who may call: no foreign site through a browser, and nobody without a token where tokens are asked for. */
final class Guard {

    private static final String BEARER = "Bearer ";

    private final Set<String> hosts = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
    private final ConsoleConfig config;

    Guard(ConsoleConfig config) {
        this.config = config;
        config.hosts().forEach(host -> hosts.add(host.toLowerCase(Locale.ROOT)));
        if (config.advertised() != null) {
            hosts.add(withoutPort(config.advertised()));
        }
        if (!config.address().isAnyLocalAddress()) {
            String address = config.address().getHostAddress();
            hosts.add(address.contains(":") ? "[" + address + "]" : address);
        }
    }

    /** A name that a foreign page had resolved to this address is none of ours (DNS rebinding). */
    boolean isOurName(HttpExchange exchange) {
        String host = exchange.getRequestHeaders().getFirst("Host");
        return host != null && hosts.contains(withoutPort(host));
    }

    /** Whether a request that changes something comes from our own page, or from no browser. */
    boolean isOurPage(Headers headers) {
        String site = headers.getFirst("Sec-Fetch-Site");
        String origin = headers.getFirst("Origin");
        boolean json = String.valueOf(headers.getFirst("Content-Type")).startsWith("application/json");
        return json && (site == null || site.equals("same-origin")) && (origin == null || isOurs(origin));
    }

    private boolean isOurs(String origin) {
        try {
            String host = URI.create(origin).getHost();
            return host != null && hosts.contains(host.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Whether whoever calls may look. */
    boolean mayLook(Headers headers) {
        return config.viewers().isEmpty()
                || config.viewers().holder(token(headers)) != null
                || operator(headers) != null;
    }

    /** Whose word it is; null for somebody who may say nothing. */
    String operator(Headers headers) {
        return config.operators().holder(token(headers));
    }

    private static String token(Headers headers) {
        List<String> values = headers.getOrDefault("Authorization", List.of());
        return values.size() == 1 && values.get(0).startsWith(BEARER)
                ? values.get(0).substring(BEARER.length())
                : null;
    }

    private static String withoutPort(String host) {
        return host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
    }
}
