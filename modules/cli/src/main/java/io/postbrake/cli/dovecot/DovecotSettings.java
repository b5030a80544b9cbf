package io.postbrake.cli.dovecot;

import io.postbrake.policysink.PostfixCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Dovecot's configuration as {@code doveconf -n} tells it.
 *
 * @param origin where it comes from, for a person
 * @param modern whether it is 2.4 or later, whose settings have other names
 * @param settings what stands at the top
 * @param passdbs its databases of passwords in their order
 * @param live whether it is this machine's, so that files can be looked at
 */
record DovecotSettings(
        String origin, boolean modern, Map<String, String> settings, List<Passdb> passdbs, boolean live) {

    private static final Pattern VERSION = Pattern.compile("# (\\d+)\\.(\\d+)\\..*");
    private static final Pattern OPENS = Pattern.compile("([a-z0-9_]+)(?:\\s+([^{]*?))?\\s*\\{");
    private static final Pattern SETTING = Pattern.compile("([A-Za-z0-9_/]+) ?=(?: (.*))?");
    private static final Pattern WORD = Pattern.compile("(\\S+)\\s*");

    /**
     * One database.
     *
     * @param name of 2.4, or empty
     * @param settings its settings; those of a group within it as {@code fields/allow_nets}
     */
    record Passdb(String name, Map<String, String> settings) {

        String get(String key) {
            return settings.getOrDefault(key, "");
        }

        /** The file that it reads; empty for another kind. */
        String file() {
            String driver = get("driver").isEmpty() ? name : get("driver");
            if (!driver.equals("passwd-file")) {
                return "";
            }
            String args = get("args");
            return args.isEmpty() ? get("passwd_file_path") : args.substring(args.lastIndexOf(' ') + 1);
        }

        /** Whether it checks passwords of ordinary logins. */
        boolean hasPasswords() {
            return !get("deny").equals("yes") && !get("master").equals("yes");
        }

        /** For a person. */
        String title() {
            String kind = get("driver").isEmpty() ? "" : get("driver");
            String which = file().isEmpty() ? get("args") : file();
            return ("passdb " + (name.isEmpty() ? kind : name) + (which.isEmpty() ? "" : " (" + which + ")")).strip();
        }
    }

    /**
     * Asks this machine's {@code doveconf}.
     *
     * @param configuration the file; null for Dovecot's own
     * @throws IllegalArgumentException when it cannot say
     */
    static DovecotSettings live(Path configuration) {
        List<String> command = new ArrayList<>(List.of("doveconf", "-n"));
        if (configuration != null) {
            command.addAll(List.of("-c", configuration.toString()));
        }
        try {
            return parse(
                    configuration == null ? "Dovecot" : configuration.toString(),
                    PostfixCommands.run(command, ""),
                    true);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "doveconf -n cannot be had: " + e.getMessage() + "; give --config, or --saved with its output", e);
        }
    }

    /** Reads what was saved of {@code doveconf -n}. */
    static DovecotSettings saved(Path file) throws IOException {
        return parse(file.toString(), Files.readString(file), false);
    }

    /** @throws IllegalArgumentException when this is not what {@code doveconf -n} says */
    static DovecotSettings parse(String origin, String text, boolean live) {
        boolean known = false;
        boolean modern = false;
        Map<String, String> top = new LinkedHashMap<>();
        List<Passdb> passdbs = new ArrayList<>();
        Deque<String> open = new ArrayDeque<>();
        Passdb within = null;
        for (String line : text.split("\n")) {
            String words = line.strip();
            Matcher version = VERSION.matcher(words);
            Matcher opens = OPENS.matcher(words);
            Matcher setting = SETTING.matcher(words);
            if (!known && version.matches()) {
                known = true;
                modern = Integer.parseInt(version.group(1)) > 2 || Integer.parseInt(version.group(2)) > 3;
            } else if (words.startsWith("#")) {
                continue;
            } else if (opens.matches()) {
                if (open.isEmpty() && opens.group(1).equals("passdb")) {
                    within = new Passdb(opens.group(2) == null ? "" : opens.group(2), new LinkedHashMap<>());
                    passdbs.add(within);
                }
                open.push(opens.group(1));
            } else if (words.equals("}")) {
                open.poll();
                within = open.isEmpty() ? null : within;
            } else if (setting.matches()) {
                String value = setting.group(2) == null ? "" : setting.group(2);
                if (open.isEmpty()) {
                    top.put(setting.group(1), value);
                } else if (within == null && open.size() == 1) {
                    top.put(open.peek() + "/" + setting.group(1), value);
                } else if (within != null) {
                    within.settings().put((open.size() > 1 ? open.peek() + "/" : "") + setting.group(1), value);
                }
            }
        }
        if (!known) {
            throw new IllegalArgumentException(
                    "'" + origin + "' does not begin with a version: give the whole output of `doveconf -n`");
        }
        return new DovecotSettings(origin, modern, top, passdbs, live);
    }

    /** The value of a setting of several words by its name, as 2.3 has fields: {@code a=b c=d}; empty without it. */
    static String field(String fields, String name) {
        Matcher word = WORD.matcher(fields);
        while (word.find()) {
            if (word.group(1).startsWith(name + "=")) {
                return word.group(1).substring(name.length() + 1);
            }
        }
        return "";
    }
}
