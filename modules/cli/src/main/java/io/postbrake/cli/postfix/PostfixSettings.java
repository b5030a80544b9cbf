package io.postbrake.cli.postfix;

import io.postbrake.policysink.PostfixCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One Postfix instance's configuration as {@code postconf} tells it.
 *
 * @param origin where it comes from, for a person
 * @param main parameters, main.cf's and, where they are known, the defaults
 * @param services what master.cf starts
 * @param mapTypes what {@code postconf -m} lists; null when it is not known
 * @param live whether it is this machine's, so that files can be looked at
 */
record PostfixSettings(
        String origin, Map<String, String> main, List<Service> services, List<String> mapTypes, boolean live) {

    private static final Pattern PARAMETER = Pattern.compile("([A-Za-z0-9_]+) =(?: (.*))?");
    private static final Pattern OVERRIDE = Pattern.compile("([^\\s/]+/[a-z-]+)/([A-Za-z0-9_]+) =(?: (.*))?");
    private static final Pattern SERVICE = Pattern.compile(
            "(\\S+)\\s+(inet|unix|unix-dgram|fifo|pass)\\s+\\S\\s+\\S\\s+(\\S)\\s+\\S+\\s+\\S+\\s+(\\S+)(.*)");
    private static final Pattern OPTION = Pattern.compile("-o\\s+(?:\\{\\s*([^}]*?)\\s*\\}|(\\S+))");
    private static final Pattern REFERENCE =
            Pattern.compile("\\$(?:\\{([A-Za-z0-9_]+)\\}|\\(([A-Za-z0-9_]+)\\)|([A-Za-z0-9_]+))");

    /** What postconf(5) says of parameters that a saved {@code postconf -n} leaves out. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "smtpd_delay_reject", "yes",
            "smtpd_sasl_auth_enable", "no",
            "smtpd_relay_before_recipient_restrictions", "yes",
            "smtpd_recipient_restrictions", "",
            "smtpd_end_of_data_restrictions", "",
            "smtpd_client_restrictions", "",
            "soft_bounce", "no");

    /**
     * One line of master.cf.
     *
     * @param name {@code submission/inet}, as postconf -P writes it
     * @param command the daemon, such as smtpd
     * @param chroot whether it runs in the queue directory as its root
     * @param overrides its {@code -o} options
     */
    record Service(String name, String command, boolean chroot, Map<String, String> overrides) {}

    /**
     * Asks the {@code postconf} of this machine.
     *
     * @throws IllegalArgumentException when it cannot say
     */
    static PostfixSettings live(Path directory) {
        return live(directory, "-x");
    }

    /** As {@link #live(Path)}, but main.cf as it is written: without defaults, and with names for what they stand for. */
    static PostfixSettings written(Path directory) {
        return live(directory, "-n");
    }

    private static PostfixSettings live(Path directory, String form) {
        try {
            String main = postconf(directory, form);
            String services = postconf(directory, "-Mf");
            String types = postconf(directory, "-m");
            PostfixSettings read = parse(directory.toString(), main + services, true);
            return new PostfixSettings(
                    read.origin(),
                    read.main(),
                    read.services(),
                    types.lines().map(String::strip).toList(),
                    true);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "--config-dir is '" + directory + "': postconf cannot read it: " + e.getMessage(), e);
        }
    }

    private static String postconf(Path directory, String option) throws IOException {
        return PostfixCommands.run(List.of("postconf", "-c", directory.toString(), option), "");
    }

    /**
     * Reads what was saved of {@code postconf -n}, {@code postconf -Mf} and {@code postconf -P}, one behind the other.
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

    private static PostfixSettings parse(String origin, String text, boolean live) {
        Map<String, String> main = new LinkedHashMap<>();
        List<Service> services = new ArrayList<>();
        for (String line : unfolded(text)) {
            Matcher parameter = PARAMETER.matcher(line);
            Matcher override = OVERRIDE.matcher(line);
            Matcher service = SERVICE.matcher(line);
            if (parameter.matches()) {
                main.put(parameter.group(1), value(parameter.group(2)));
            } else if (override.matches()) {
                services.stream()
                        .filter(s -> s.name().equals(override.group(1)))
                        .forEach(s -> s.overrides().put(override.group(2), value(override.group(3))));
            } else if (service.matches()) {
                services.add(new Service(
                        service.group(1) + "/" + service.group(2),
                        service.group(4),
                        // "-" stands for the default, which is no since Postfix 3.0.
                        service.group(3).equals("y"),
                        options(service.group(5))));
            }
        }
        return new PostfixSettings(origin, main, services, null, live);
    }

    /** A line that begins with space goes on with the one before; postconf -f folds so. */
    private static List<String> unfolded(String text) {
        List<String> result = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
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

    private static Map<String, String> options(String arguments) {
        Map<String, String> result = new LinkedHashMap<>();
        Matcher option = OPTION.matcher(arguments);
        while (option.find()) {
            String said = option.group(1) == null ? option.group(2) : option.group(1);
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

    /** A parameter of a service, its own option before main.cf, with every {@code $name} in it replaced. */
    String of(Service service, String name) {
        return expanded(service, raw(service, name), 10);
    }

    /** A parameter of main.cf. */
    String of(String name) {
        return expanded(null, raw(null, name), 10);
    }

    private String raw(Service service, String name) {
        String own = service == null ? null : service.overrides().get(name);
        return own != null ? own : main.getOrDefault(name, DEFAULTS.getOrDefault(name, ""));
    }

    private String expanded(Service service, String text, int depth) {
        if (depth == 0 || text.indexOf('$') < 0) {
            return text;
        }
        return REFERENCE.matcher(text).replaceAll(found -> {
            String name =
                    found.group(1) != null ? found.group(1) : found.group(2) != null ? found.group(2) : found.group(3);
            return Matcher.quoteReplacement(expanded(service, raw(service, name), depth - 1));
        });
    }

    /** Services that speak SMTP with clients. */
    List<Service> smtpd() {
        return services.stream().filter(s -> s.command().equals("smtpd")).toList();
    }
}
