package io.postbrake.logtail;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Logs of the pods of a node, where the kubelet has the runtime write them: {@code NAMESPACE_NAME_UID/CONTAINER/N.log}, N counting
 * the container's restarts. Which pods there are, these directories alone tell: nobody asks the API server.
 */
public final class PodLogs {

    /** What stands among paths of logs for the pods of this node; with {@code :DIRECTORY} for those below another one. */
    public static final String NAME = "pods";

    /** Where the kubelet keeps them. */
    public static final Path DIRECTORY = Path.of("/var/log/pods");

    private static final int MOST = 1000;
    /** Names of namespaces and pods have no underscore; the uid is the API server's, or a hash of a static pod's manifest. */
    private static final Pattern POD = Pattern.compile("([a-z0-9.-]+)_([a-z0-9.-]+)_([A-Za-z0-9-]{1,64})");

    private static final Pattern LOG = Pattern.compile("(\\d{1,9})\\.log(?:\\.\\d.*)?");

    private final Path directory;
    private final List<Match> matches;

    /**
     * A pod.
     *
     * @param uid what no other pod of any cluster has
     * @param namespace where it is
     * @param name its name, which the next pod of a StatefulSet has again
     */
    public record Pod(String uid, String namespace, String name) {

        /** What people call it. */
        public String label() {
            return namespace + "/" + name;
        }
    }

    /**
     * The log of one run of a container, from its start to its end.
     *
     * @param pod whose it is
     * @param container which of its containers
     * @param restart how often this container had been started before
     * @param file the log, the one that a link of Docker's means
     */
    public record PodLog(Pod pod, String container, long restart, Path file) {

        /** Whether it is what a link means, as Docker's are; all other runtimes write where the kubelet says. */
        public boolean isDockers() {
            return !file.getFileName().toString().equals(restart + ".log");
        }

        /** Whether this run ended before the other one began. */
        public boolean isBefore(PodLog other) {
            return pod.equals(other.pod) && container.equals(other.container) && restart < other.restart;
        }
    }

    private record Match(Pattern namespace, Pattern name, Pattern container) {

        boolean means(Pod pod) {
            return namespace.matcher(pod.namespace()).matches()
                    && name.matcher(pod.name()).matches();
        }
    }

    private PodLogs(Path directory, List<Match> matches) {
        this.directory = directory;
        this.matches = matches;
    }

    /** Whether an entry among paths of logs means pods. */
    public static boolean isMeant(String path) {
        return path.equals(NAME) || path.startsWith(NAME + ":");
    }

    /** The directory that such an entry means. */
    public static Path directory(String path) {
        if (path.equals(NAME)) {
            return DIRECTORY;
        }
        String given = path.substring(NAME.length() + 1);
        if (!given.startsWith("/")) {
            throw new IllegalArgumentException("give an absolute path, such as " + NAME + ":" + DIRECTORY);
        }
        return Path.of(given).normalize();
    }

    /**
     * The pods below {@code directory} that one of {@code matches} means.
     *
     * @param matches {@code NAMESPACE/NAME/CONTAINER}, in each part of which {@code *} stands for any characters
     * @throws IllegalArgumentException saying what would be right
     */
    public static PodLogs of(Path directory, List<String> matches) {
        if (matches.isEmpty()) {
            throw new IllegalArgumentException("say which containers run Postfix, such as mail/postfix-*/postfix");
        }
        List<Match> read = new ArrayList<>();
        for (String match : matches) {
            String[] parts = match.strip().split("/", -1);
            if (parts.length != 3
                    || !match.strip().matches("[A-Za-z0-9.*/-]+")
                    || List.of(parts).contains("")) {
                throw new IllegalArgumentException(
                        "'" + match + "' is no match: give NAMESPACE/POD/CONTAINER, such as mail/postfix-*/postfix");
            }
            read.add(new Match(glob(parts[0]), glob(parts[1]), glob(parts[2])));
        }
        return new PodLogs(directory, List.copyOf(read));
    }

    private static Pattern glob(String text) {
        return Pattern.compile(Pattern.quote(text).replace("*", "\\E.*\\Q"));
    }

    /** Where the pods' directories are. */
    public Path directory() {
        return directory;
    }

    /** The logs that are there, a pod's together, each container's in order. */
    public List<PodLog> logs() throws IOException {
        List<PodLog> found = new ArrayList<>();
        for (Path place : entries(directory)) {
            Matcher named = POD.matcher(place.getFileName().toString());
            if (named.matches() && found.size() <= MOST) {
                containers(place, new Pod(named.group(3), named.group(1), named.group(2)), found);
            }
        }
        if (found.size() > MOST) {
            throw new IOException(directory + " has more than " + MOST + " logs that are meant");
        }
        found.sort(Comparator.comparing((PodLog log) -> log.pod().label())
                .thenComparing(log -> log.pod().uid())
                .thenComparing(PodLog::container)
                .thenComparing(PodLog::restart));
        return found;
    }

    private void containers(Path place, Pod pod, List<PodLog> found) throws IOException {
        List<Match> own = matches.stream().filter(match -> match.means(pod)).toList();
        if (own.isEmpty()) {
            return;
        }
        for (Path container : entries(place)) {
            String name = container.getFileName().toString();
            if (own.stream().noneMatch(match -> match.container().matcher(name).matches())) {
                continue;
            }
            // A log is there for a moment only as what was rotated away.
            var restarts = new TreeSet<Long>();
            for (Path file : entries(container)) {
                Matcher log = LOG.matcher(file.getFileName().toString());
                if (log.matches()) {
                    restarts.add(Long.parseLong(log.group(1)));
                }
            }
            for (long restart : restarts) {
                found.add(new PodLog(pod, name, restart, target(container.resolve(restart + ".log"))));
            }
        }
    }

    /** Docker rotates the file that the kubelet's link means, beside that file. */
    private static Path target(Path log) throws IOException {
        if (!Files.isSymbolicLink(log)) {
            return log;
        }
        try {
            return log.toRealPath();
        } catch (NoSuchFileException e) {
            return log;
        }
    }

    private static List<Path> entries(Path directory) throws IOException {
        List<Path> result = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
            found.forEach(result::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return result;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return result;
    }

    @Override
    public String toString() {
        return directory + " of pods";
    }
}
