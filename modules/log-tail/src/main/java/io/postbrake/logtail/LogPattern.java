package io.postbrake.logtail;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * One entry of {@code log.paths}: a path, or a pattern with {@code *}, {@code ?}, {@code [...]} or <code>{a,b}</code> in any of
 * its parts. A pattern never finds rotated files: they belong to the log they were made of.
 */
public final class LogPattern {

    private static final int MOST = 1000;

    private final Path root;
    private final List<String> parts = new ArrayList<>();

    /**
     * Takes the text of the entry.
     *
     * @throws IllegalArgumentException saying what would be right
     */
    public LogPattern(String text) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("give an absolute path, such as /var/log/mail.log");
        }
        if (text.contains("**")) {
            throw new IllegalArgumentException("** is not understood: * stands for one part of a path");
        }
        root = Path.of("/");
        for (String part : text.substring(1).split("/")) {
            if (part.equals("..") || part.equals(".")) {
                throw new IllegalArgumentException("give a path without . and ..");
            }
            if (!part.isEmpty()) {
                checked(part);
                parts.add(part);
            }
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("give the path of a log, such as /var/log/mail.log");
        }
    }

    private static void checked(String part) {
        try {
            var unused = FileSystems.getDefault().getPathMatcher("glob:" + part);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("'" + part + "' is no pattern: " + e.getDescription(), e);
        }
    }

    /** The logs that it means now; a plain path always means itself, whether there is such a file or not. */
    public List<Path> logs() throws IOException {
        List<Path> here = List.of(root);
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i);
            List<Path> next = new ArrayList<>();
            for (Path dir : here) {
                if (isPattern(part)) {
                    matching(dir, part, i == parts.size() - 1, next);
                } else {
                    next.add(dir.resolve(part));
                }
            }
            here = next;
        }
        return here;
    }

    @Override
    public String toString() {
        return "/" + String.join("/", parts);
    }

    /** Whether it means this log, be it there or not. */
    public boolean matches(Path log) {
        if (log.getNameCount() != parts.size()) {
            return false;
        }
        for (int i = 0; i < parts.size(); i++) {
            Path name = log.getName(i);
            boolean same = isPattern(parts.get(i))
                    ? FileSystems.getDefault()
                            .getPathMatcher("glob:" + parts.get(i))
                            .matches(name)
                    : name.toString().equals(parts.get(i));
            if (!same) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPattern(String part) {
        return part.chars().anyMatch(c -> "*?[{\\".indexOf(c) >= 0);
    }

    private static void matching(Path dir, String part, boolean last, List<Path> into) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(dir, part)) {
            for (Path path : found) {
                boolean log = Files.isRegularFile(path)
                        && !RotatedFiles.isRotated(path.getFileName().toString());
                if (last ? log : Files.isDirectory(path)) {
                    into.add(path);
                }
                if (into.size() > MOST) {
                    throw new IOException(dir + "/" + part + " means more than " + MOST + " files");
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
