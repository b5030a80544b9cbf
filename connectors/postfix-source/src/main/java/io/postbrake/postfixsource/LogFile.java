package io.postbrake.postfixsource;

import io.postbrake.logtail.JournalReader;
import io.postbrake.logtail.JournalSelection;
import io.postbrake.logtail.PodLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a log is there and may be read; where it is not, whether the journal has what was looked for. */
final class LogFile {

    private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);

    private static final String PODS_GROUP = ": give it the group that owns it, on nodes usually root (0)";

    private Thread asking;
    private volatile boolean journalHasMail;

    /** What is wrong with it, with what to do; null for nothing. */
    String problem(Path log) {
        if (Files.isRegularFile(log)) {
            return Files.isReadable(log)
                    ? null
                    : log + " may not be read by " + System.getProperty("user.name")
                            + ": add this user to the group that owns it (adm on Debian)";
        }
        Path dir = log.getParent();
        if (dir != null && Files.isDirectory(dir) && !Files.isExecutable(dir)) {
            return dir + " may not be entered by " + System.getProperty("user.name");
        }
        if (Files.exists(log)) {
            return log + " is no file";
        }
        askTheJournal();
        return log + " does not exist: "
                + (journalHasMail
                        ? "systemd's journal has lines of mail, give journal instead of the file"
                        : "give the log that Postfix writes to, or journal where it writes to systemd's journal");
    }

    /** What is wrong with the directory that the kubelet keeps pods' logs in; null for nothing. */
    String problemOfPods(Path directory) {
        if (!Files.isDirectory(directory)) {
            return directory + " is no directory: mount the node's " + PodLogs.DIRECTORY + " there";
        }
        return Files.isReadable(directory) && Files.isExecutable(directory)
                ? null
                : directory + " may not be entered by " + System.getProperty("user.name") + PODS_GROUP;
    }

    /** What is wrong with the log of a pod; null for nothing, and when it is gone, as logs of pods go. */
    String problemOfPod(Path log) {
        if (Files.isRegularFile(log)) {
            return Files.isReadable(log)
                    ? null
                    : log + " may not be read by " + System.getProperty("user.name") + PODS_GROUP;
        }
        if (!Files.isSymbolicLink(log)) {
            return null;
        }
        String target;
        try {
            target = Files.readSymbolicLink(log).toString();
        } catch (IOException e) {
            return null; // It has just gone.
        }
        return log + " is a link to " + target + ", which is not there: mount that directory of the node, too";
    }

    /** A large journal takes its time, so nobody waits for the answer. */
    private void askTheJournal() {
        if (asking == null) {
            asking = new Thread(
                    () -> {
                        try {
                            var mail = JournalSelection.of(
                                    JournalSelection.NAME, List.of(JournalSelection.DEFAULT_MATCHES.split(",")));
                            journalHasMail = JournalReader.newest(mail) != null;
                        } catch (IOException e) {
                            LOG.debug("the journal does not tell", e);
                        }
                    },
                    "postbrake-journal-question");
            asking.setDaemon(true);
            asking.start();
        }
    }
}
