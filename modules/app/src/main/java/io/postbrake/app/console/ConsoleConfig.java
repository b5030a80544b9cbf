package io.postbrake.app.console;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The console's settings.
 *
 * @param port TCP port; 0 takes any, negative serves none
 * @param address address to listen on
 * @param advertised host:port by which other instances reach this one; null when there are none
 * @param hosts further names by which browsers may call it, besides loopback's, the address and the advertised name
 * @param operators who may say block, unblock and allow; nobody without tokens
 * @param viewers who may look and which other instances are; everybody without tokens
 */
public record ConsoleConfig(
        int port, InetAddress address, String advertised, List<String> hosts, Tokens operators, Tokens viewers) {

    private static final String SECTION = "console";
    private static final int DEFAULT_PORT = 9406;
    private static final Set<String> KEYS =
            Set.of("port", "host", "advertised", "hosts", "operator.token.file", "viewer.token.file");
    private static final String OPERATOR_VARIABLE = "POSTBRAKE_CONSOLE_OPERATOR_TOKEN";
    private static final String VIEWER_VARIABLE = "POSTBRAKE_CONSOLE_VIEWER_TOKEN";

    /** No console. */
    public static ConsoleConfig off() {
        return local(-1);
    }

    /** A console on loopback, to look only. */
    public static ConsoleConfig local(int port) {
        return new ConsoleConfig(port, InetAddress.getLoopbackAddress(), null, List.of(), Tokens.none(), Tokens.none());
    }

    /**
     * The section {@code console} of a file's {@code map}. Tokens come from the files that it names, or from the
     * environment.
     *
     * @throws IllegalArgumentException naming the key, its value and what would be right
     */
    public static ConsoleConfig of(Map<String, Object> map, Map<String, String> environment) throws IOException {
        Object value = map.get(SECTION);
        if (value != null && !(value instanceof Map<?, ?>)) {
            throw new IllegalArgumentException("console is '" + value + "': give a map of settings");
        }
        Map<?, ?> section = value == null ? Map.of() : (Map<?, ?>) value;
        for (Object key : section.keySet()) {
            if (!KEYS.contains(String.valueOf(key))) {
                throw new IllegalArgumentException("unknown key 'console." + key + "': known are "
                        + KEYS.stream().sorted().toList());
            }
        }
        int port = port(section);
        InetAddress address = address(section);
        String advertised = advertised(section);
        Tokens operators =
                tokens(section, "operator.token.file", environment.get(OPERATOR_VARIABLE), OPERATOR_VARIABLE);
        Tokens viewers = tokens(section, "viewer.token.file", environment.get(VIEWER_VARIABLE), VIEWER_VARIABLE);
        if (port >= 0 && !address.isLoopbackAddress() && viewers.isEmpty()) {
            throw new IllegalArgumentException("console.host is '" + address.getHostAddress()
                    + "', which others can reach: give console.viewer.token.file (or " + VIEWER_VARIABLE
                    + ") so that not everybody may look, or 127.0.0.1");
        }
        return new ConsoleConfig(port, address, advertised, hosts(section), operators, viewers);
    }

    private static int port(Map<?, ?> section) {
        Object value = section.containsKey("port") ? section.get("port") : (Object) DEFAULT_PORT;
        if (value instanceof Integer n && n >= -1 && n <= 65535) {
            return n;
        }
        throw new IllegalArgumentException(
                "console.port is '" + value + "': give a port number up to 65535, or -1 for no console");
    }

    private static InetAddress address(Map<?, ?> section) {
        Object value = section.get("host");
        if (value == null) {
            return InetAddress.getLoopbackAddress();
        }
        try {
            return InetAddress.getByName(String.valueOf(value));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("console.host is '" + value + "': give an address of this machine", e);
        }
    }

    private static String advertised(Map<?, ?> section) {
        Object value = section.get("advertised");
        if (value == null) {
            return null;
        }
        String text = String.valueOf(value);
        if (!text.matches("[A-Za-z0-9._-]+:\\d{1,5}|\\[[0-9a-fA-F:]+]:\\d{1,5}")) {
            throw new IllegalArgumentException(
                    "console.advertised is '" + value + "': give host:port by which other instances reach this one");
        }
        return text;
    }

    private static List<String> hosts(Map<?, ?> section) {
        Object value = section.get("hosts");
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> list)) {
            throw new IllegalArgumentException(
                    "console.hosts is '" + value + "': give a list of names by which browsers reach the console");
        }
        List<String> hosts = new ArrayList<>();
        list.forEach(host -> hosts.add(String.valueOf(host)));
        return List.copyOf(hosts);
    }

    private static Tokens tokens(Map<?, ?> section, String key, String fromEnvironment, String variable)
            throws IOException {
        Object file = section.get(key);
        if (file != null) {
            return Tokens.read(Path.of(String.valueOf(file)), "console." + key);
        }
        return fromEnvironment == null ? Tokens.none() : Tokens.of(List.of(fromEnvironment), variable);
    }
}
