package io.postbrake.app.console;

import io.postbrake.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

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

    /** As {@link #of(Settings, Map)}, of values that are there already. */
    public static ConsoleConfig of(Map<String, Object> map, Map<String, String> environment) {
        return of(Settings.of(map), environment);
    }

    /**
     * The section {@code console} of a {@code file}. Tokens come from the files that it names, or from the environment.
     *
     * @throws IllegalArgumentException naming the key, its value and what would be right
     */
    public static ConsoleConfig of(Settings file, Map<String, String> environment) {
        Settings section = file.section(SECTION);
        int port = section.number("port", DEFAULT_PORT, -1, 65535);
        InetAddress address = section.address("host");
        String advertised = section.parsed(
                "advertised", null, ConsoleConfig::reachable, "host:port by which other instances reach this one");
        List<String> hosts = section.texts("hosts", "a list of names by which browsers reach the console");
        Tokens operators =
                tokens(section, "operator.token.file", environment.get(OPERATOR_VARIABLE), OPERATOR_VARIABLE);
        Tokens viewers = tokens(section, "viewer.token.file", environment.get(VIEWER_VARIABLE), VIEWER_VARIABLE);
        section.noOthers();
        if (port >= 0 && !address.isLoopbackAddress() && viewers.isEmpty()) {
            file.problem("console.host is '" + address.getHostAddress()
                    + "', which others can reach: give console.viewer.token.file (or " + VIEWER_VARIABLE
                    + ") so that not everybody may look, or 127.0.0.1");
        }
        return new ConsoleConfig(port, address, advertised, hosts, operators, viewers);
    }

    /**
     * The same console, which shows itself to nobody without a token: where no viewers are configured, the one in {@code file}
     * is theirs, and the operators' too where there are none. The file is made once and is its owner's alone.
     *
     * @throws IOException when it cannot be made
     */
    public ConsoleConfig closed(Path file) throws IOException {
        if (port < 0 || !viewers.isEmpty()) {
            return this;
        }
        Tokens own = Tokens.keep(file);
        return new ConsoleConfig(port, address, advertised, hosts, operators.isEmpty() ? own : operators, own);
    }

    private static String reachable(String text) {
        if (!text.matches("[A-Za-z0-9._-]+:\\d{1,5}|\\[[0-9a-fA-F:]+]:\\d{1,5}")) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }

    private static Tokens tokens(Settings section, String key, String fromEnvironment, String variable) {
        Path file = section.path(key, null);
        Tokens tokens = section.attempt(() -> file != null
                ? Tokens.read(file, "console." + key)
                : fromEnvironment == null ? Tokens.none() : Tokens.of(List.of(fromEnvironment), variable));
        return tokens == null ? Tokens.none() : tokens;
    }
}
