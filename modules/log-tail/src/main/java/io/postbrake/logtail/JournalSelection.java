package io.postbrake.logtail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which journal, which of its entries, and who is believed to write lines of Postfix to it.
 *
 * @param directory where its files are; null for the system's own journal
 * @param matches {@code FIELD=VALUE}, one of which an entry must have
 * @param senders accounts of the system whose entries count
 * @param tags identifiers under which the output of containers is logged
 */
public record JournalSelection(Path directory, List<String> matches, UserIds senders, Set<String> tags) {

    /** What stands among paths of logs for the system's journal; with {@code :DIRECTORY} for another one. */
    public static final String NAME = "journal";

    /** Everything that comes by syslog's facility of mail, and what Postfix's units write, whatever facility it has. */
    public static final String DEFAULT_MATCHES =
            "SYSLOG_FACILITY=2,_SYSTEMD_UNIT=postfix.service,_SYSTEMD_UNIT=postfix@-.service";

    private static final Pattern MATCH = Pattern.compile("[A-Z_][A-Z0-9_]{0,63}=[^\\p{Cntrl}]{1,255}");
    private static final List<Path> PROGRAMS = List.of(Path.of("/usr/bin/journalctl"), Path.of("/bin/journalctl"));

    /** Checks the matches. */
    public JournalSelection {
        if (matches.isEmpty()) {
            throw new IllegalArgumentException("give at least one match, such as SYSLOG_FACILITY=2");
        }
        for (String match : matches) {
            if (!MATCH.matcher(match).matches()) {
                throw new IllegalArgumentException(
                        "'" + match + "' is no match: give FIELD=VALUE, such as SYSLOG_FACILITY=2");
            }
        }
        matches = List.copyOf(matches);
        tags = Set.copyOf(tags);
    }

    /** Of the system's own senders, where no container logs under a tag of its own. */
    public JournalSelection(Path directory, List<String> matches) {
        this(directory, matches, UserIds.of(List.of(UserIds.SYSTEM)), Set.of());
    }

    /** The same with others who are believed. */
    public JournalSelection from(UserIds others, List<String> containerTags) {
        return new JournalSelection(directory, matches, others, Set.copyOf(containerTags));
    }

    /** Whether an entry among paths of logs means a journal. */
    public static boolean isMeant(String path) {
        return path.equals(NAME) || path.startsWith(NAME + ":");
    }

    /**
     * Reads {@code journal} or {@code journal:/DIRECTORY}.
     *
     * @throws IllegalArgumentException saying what would be right
     */
    public static JournalSelection of(String path, List<String> matches) {
        String directory = path.equals(NAME) ? null : path.substring(NAME.length() + 1);
        if (directory != null && !directory.startsWith("/")) {
            throw new IllegalArgumentException("give journal, or journal:/path/of/its/files");
        }
        return new JournalSelection(directory == null ? null : Path.of(directory), matches);
    }

    /** As it stands among paths of logs. */
    public String name() {
        return directory == null ? NAME : NAME + ":" + directory;
    }

    /** The program that reads journals; null when it is not installed. */
    static Path program() {
        return PROGRAMS.stream().filter(Files::isExecutable).findFirst().orElse(null);
    }

    /** What to run; nothing of it passes through a shell. */
    ProcessBuilder command(List<String> options) {
        Path program = program();
        List<String> words = new ArrayList<>();
        words.add((program == null ? PROGRAMS.get(0) : program).toString());
        words.addAll(List.of("--output=export", "--output-fields=" + JournalExport.FIELDS, "--no-pager"));
        if (directory != null) {
            words.add("--directory=" + directory);
        }
        words.addAll(options);
        for (String match : matches) {
            words.add(match);
            words.add("+");
        }
        words.remove(words.size() - 1);
        var process = new ProcessBuilder(words);
        process.environment().clear();
        process.environment().putAll(Map.of("LC_ALL", "C", "PATH", "/usr/bin:/bin"));
        return process;
    }
}
