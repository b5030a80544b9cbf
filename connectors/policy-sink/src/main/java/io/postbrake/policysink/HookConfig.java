package io.postbrake.policysink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/**
 * The settings of the command that is run after a block and after its end.
 *
 * @param command program and arguments; empty: none is run
 * @param timeout how long one run may take
 * @param concurrency how many runs at a time
 * @param queue how many may wait
 */
record HookConfig(List<String> command, Duration timeout, int concurrency, int queue) {

    static final String COMMAND = "policy.hook.command";
    static final String TIMEOUT = "policy.hook.timeout.ms";
    static final String CONCURRENCY = "policy.hook.concurrency";
    static final String QUEUE = "policy.hook.queue";

    /** Set on a directory, it keeps others from replacing what is not theirs. */
    private static final int STICKY = 01000;

    static ConfigDef define(ConfigDef definition) {
        return definition
                .define(
                        COMMAND,
                        Type.LIST,
                        "",
                        new ConfigDef.NonNullValidator(),
                        Importance.MEDIUM,
                        "Program, by its whole path, and its arguments, which hold no comma: run on this host after a block"
                                + " is in force and after it ended, with what happened as JSON on its standard input."
                                + " Empty: none.")
                .define(
                        TIMEOUT,
                        Type.LONG,
                        30_000L,
                        Range.between(100, 600_000),
                        Importance.LOW,
                        "Milliseconds after which a run of that program is ended.")
                .define(
                        CONCURRENCY,
                        Type.INT,
                        2,
                        Range.between(1, 16),
                        Importance.LOW,
                        "How many of its runs go on at a time; those of one subject one after another.")
                .define(
                        QUEUE,
                        Type.INT,
                        1000,
                        Range.between(1, 100_000),
                        Importance.LOW,
                        "How many of its runs may wait; what comes beyond is left out, logged and counted.");
    }

    /**
     * Reads and checks them.
     *
     * @throws ConfigException when the program is not there, may not be run, or could be replaced by others
     */
    static HookConfig of(PolicySinkConfig config) {
        List<String> command = config.getList(COMMAND);
        if (!command.isEmpty()) {
            check(command);
        }
        return new HookConfig(
                command, Duration.ofMillis(config.getLong(TIMEOUT)), config.getInt(CONCURRENCY), config.getInt(QUEUE));
    }

    private static void check(List<String> command) {
        String program = command.get(0);
        Path path = Path.of(program);
        if (!path.isAbsolute()) {
            throw wrong(program, "give the program's whole path, such as /usr/local/sbin/" + path.getFileName());
        }
        if (!Files.exists(path)) {
            throw wrong(program, "there is no such program: give the path of one that is there");
        }
        if (!Files.isRegularFile(path) || !Files.isExecutable(path)) {
            throw wrong(program, "it cannot be run: give a file, and `chmod 755` it");
        }
        try {
            // What a link leads to is what runs; the way there must be nobody else's either.
            for (Path real = path.toRealPath(); real != null; real = real.getParent()) {
                closed(program, real);
            }
            for (Path named = path.toAbsolutePath().getParent(); named != null; named = named.getParent()) {
                closed(program, named);
            }
        } catch (IOException e) {
            throw wrong(program, "it cannot be looked at: " + e.getMessage());
        }
    }

    private static void closed(String program, Path path) throws IOException {
        Set<PosixFilePermission> rights = Files.getPosixFilePermissions(path);
        boolean open =
                rights.contains(PosixFilePermission.GROUP_WRITE) || rights.contains(PosixFilePermission.OTHERS_WRITE);
        boolean sticky = Files.isDirectory(path) && ((Integer) Files.getAttribute(path, "unix:mode") & STICKY) != 0;
        if (open && !sticky) {
            throw wrong(
                    program,
                    path + " may be written by others, who could have anything run: `chmod go-w " + path + "`");
        }
    }

    private static ConfigException wrong(String program, String what) {
        return new ConfigException(COMMAND, program, what);
    }
}
