package io.postbrake.cli.postfix;

import io.postbrake.policysink.PostfixCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One Postfix instance's configuration as {@code postconf} tells it, as it is written: names stay names.
 *
 * @param origin where it comes from, for a person
 * @param main what main.cf says
 * @param defaults what Postfix takes for what main.cf does not say; empty where that is not known
 * @param services what master.cf starts
 * @param mapTypes what {@code postconf -m} lists; null when it is not known
 * @param live whether it is this machine's, so that files can be looked at
 */
record PostfixSettings(
        String origin,
        Map<String, String> main,
        Map<String, String> defaults,
        List<Service> services,
        List<String> mapTypes,
        boolean live) {

    private static final Pattern PARAMETER = Pattern.compile("([A-Za-z0-9_]+) =(?: (.*))?");
    private static final Pattern OVERRIDE = Pattern.compile("(\\S+/[a-z-]+)/([A-Za-z0-9_]+) =(?: (.*))?");
    private static final List<String> TYPES = List.of("inet", "unix", "unix-dgram", "fifo", "pass");
    private static final int FIELDS = 8;
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

    /** What postconf(5) says of parameters that a saved {@code postconf -n} leaves out. */
    private static final Map<String, String> KNOWN_DEFAULTS = Map.ofEntries(
            Map.entry("smtpd_delay_reject", "yes"),
            Map.entry("smtpd_sasl_auth_enable", "no"),
            Map.entry(
                    "smtpd_relay_restrictions",
                    "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination"),
            Map.entry("authorized_submit_users", "static:anyone"),
            Map.entry("soft_bounce", "no"));

    /**
     * One line of master.cf.
     *
     * @param name {@code submission/inet}, as postconf -P writes it
     * @param command the daemon, such as smtpd
     * @param chroot {@code y} when it runs in the queue directory as its root; {@code -} is the default
     * @param overrides its {@code -o} options
     */
    record Service(String name, String command, String chroot, Map<String, String> overrides) {

        /** Whether mail of other servers comes in here: the port for that, or what postscreen hands over. */
        boolean inbound() {
            return name.matches("(?:.*:)?(?:smtp|25)/inet|.*/pass");
        }

        /** Whether only this machine can connect. */
        boolean loopback() {
            return name.matches("(?:127\\.[0-9.]+|localhost|\\[::1\\]):.*/inet");
        }
    }

    /**
     * Asks the {@code postconf} of this machine.
     *
     * @throws IllegalArgumentException when it cannot say
     */
    static PostfixSettings live(Path directory) {
        try {
            String services = postconf(directory, "-M");
            PostfixSettings written = parse(directory.toString(), postconf(directory, "-n") + services, true);
            Map<String, String> all = parse("", postconf(directory), true).main();
            List<String> types =
                    postconf(directory, "-m").lines().map(String::strip).toList();
            return new PostfixSettings(written.origin(), written.main(), all, written.services(), types, true);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "--config-dir is '" + directory + "': postconf cannot read it: " + e.getMessage(), e);
        }
    }

    private static String postconf(Path directory, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("postconf", "-c", directory.toString()));
        command.addAll(List.of(options));
        return PostfixCommands.run(command, "");
    }

    /**
     * Reads what was saved of {@code postconf -n}, {@code postconf -M} (or {@code -Mf}) and {@code postconf -P}, one behind
     * the other.
     *
     * @throws IllegalArgumentException when that is not what the file holds
     */
    static PostfixSettings saved(Path file) throws IOException {
        PostfixSettings read = parse(file.toString(), Files.readString(file), false);
        if (read.main().isEmpty()) {
            throw new IllegalArgumentException("--saved is '" + file
                    + "': give the output of `postconf -n`, best followed by that of `postconf -Mf`");
        }
        return read;
    }

    static PostfixSettings parse(String origin, String text, boolean live) {
        Map<String, String> main = new LinkedHashMap<>();
        List<Service> services = new ArrayList<>();
        for (String line : unfolded(text)) {
            Matcher parameter = PARAMETER.matcher(line);
            Matcher override = OVERRIDE.matcher(line);
            List<Words.Word> words = Words.split(line, Words.ARGUMENTS);
            if (parameter.matches()) {
                main.put(parameter.group(1), value(parameter.group(2)));
            } else if (override.matches()) {
                services.stream()
                        .filter(s -> s.name().equals(override.group(1)))
                        .forEach(s -> s.overrides().put(override.group(2), value(override.group(3))));
            } else if (words.size() >= FIELDS && TYPES.contains(words.get(1).text())) {
                services.add(service(words.stream().map(Words.Word::text).toList()));
            }
        }
        return new PostfixSettings(origin, main, Map.of(), services, null, live);
    }

    private static Service service(List<String> words) {
        return new Service(
                words.get(0) + "/" + words.get(1),
                words.get(FIELDS - 1),
                words.get(4),
                options(words.subList(FIELDS, words.size())));
    }

    /** A line that begins with space goes on with the one before; postconf -f folds so. */
    private static List<String> unfolded(String text) {
        List<String> result = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.isBlank() || line.stripLeading().startsWith("#")) {
                continue;
            }
            boolean more = Character.isWhitespace(line.charAt(0)) && !result.isEmpty();
            if (more) {
                result.set(result.size() - 1, result.get(result.size() - 1) + " " + line.strip());
            } else {
                result.add(line.strip());
            }
        }
        return result;
    }

    /** {@code -o name=value}, {@code -oname=value} and, since 3.0, {@code -o { name = value }}. */
    private static Map<String, String> options(List<String> arguments) {
        Map<String, String> result = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (!word.startsWith("-o") || (word.equals("-o") && i + 1 == arguments.size())) {
                continue;
            }
            String said = word.equals("-o") ? arguments.get(++i) : word.substring(2);
            if (said.startsWith("{") && Words.closing(said, 0) == said.length() - 1) {
                said = said.substring(1, said.length() - 1);
            }
            int equals = said.indexOf('=');
            if (equals > 0) {
                result.put(
                        said.substring(0, equals).strip(),
                        said.substring(equals + 1).strip());
            }
        }
        return result;
    }

    private static String value(String text) {
        return text == null ? "" : text.strip();
    }

    /** A parameter of a service, its own option before main.cf, with every name in it replaced. */
    String of(Service service, String name) {
        return new Expansion(n -> raw(service, n)).of(raw(service, name));
    }

    /** A parameter of main.cf. */
    String of(String name) {
        return of(null, name);
    }

    /** A parameter that is yes or no. */
    boolean yes(Service service, String name) {
        return of(service, name).strip().toLowerCase(Locale.ROOT).equals("yes");
    }

    /** As it is written, in master.cf or main.cf, or as the default is. */
    String raw(Service service, String name) {
        String own = service == null ? null : service.overrides().get(name);
        return own != null
                ? own
                : main.getOrDefault(name, defaults.getOrDefault(name, KNOWN_DEFAULTS.getOrDefault(name, "")));
    }

    /** 1000 for each major version and 1 for each minor one, such as 3007; 0 when it is not known. */
    int version() {
        Matcher version = VERSION.matcher(of("mail_version"));
        return version.matches() ? 1000 * Integer.parseInt(version.group(1)) + Integer.parseInt(version.group(2)) : 0;
    }

    /** Whether a service runs in the queue directory as its root, which was the default before Postfix 3.0. */
    boolean chrooted(Service service) {
        boolean old = version() > 0 && version() < 3000;
        return service.chroot().equals("y") || (service.chroot().equals("-") && old);
    }

    /** Services that speak SMTP with clients. */
    List<Service> smtpd() {
        return services.stream()
                .filter(s -> s.command().equals("smtpd") || s.command().endsWith("/smtpd"))
                .toList();
    }

    /** Where other instances of this machine have their configuration, as main.cf of the first says. */
    List<Path> otherInstances() {
        return Words.of(of("multi_instance_directories")).stream().map(Path::of).toList();
    }
}
