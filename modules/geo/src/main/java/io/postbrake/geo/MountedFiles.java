package io.postbrake.geo;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;

/** Files that the operator mounts and replaces: one that cannot be taken up leaves the earlier one in use, and is told of once. */
final class MountedFiles {

    private final List<Path> files;
    private final Logger log;
    private volatile List<String> problems = List.of();

    /** Looks at one file. */
    interface TakingUp {
        /** Takes it up if it changed; whether it did. */
        boolean ifChanged(Path file) throws IOException;
    }

    MountedFiles(List<Path> files, Logger log) {
        this.files = List.copyOf(files);
        this.log = log;
    }

    /** Takes up files that changed; whether any was. */
    synchronized boolean reload(TakingUp takingUp) {
        boolean reloaded = false;
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            try {
                reloaded |= takingUp.ifChanged(file);
            } catch (IOException | RuntimeException e) {
                String problem = file + " cannot be taken up, the earlier one stays in use: " + why(e);
                found.add(problem);
                if (!problems.contains(problem)) {
                    log.warn("{}", problem);
                }
            }
        }
        problems = List.copyOf(found);
        return reloaded;
    }

    /** Files that changed and could not be taken up, a sentence each. */
    List<String> problems() {
        return problems;
    }

    /** Java says only the path of what is not there. */
    static String why(Exception e) {
        return e instanceof NoSuchFileException
                ? "there is no such file"
                : e instanceof AccessDeniedException ? "access denied" : e.getMessage();
    }
}
