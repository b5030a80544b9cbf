package io.postbrake.policysink;

import io.postbrake.subject.Logins;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which messages wait in the hold queue because of us, in a file that outlives the process: nothing else may be released
 * or deleted. A line is written before a message is held.
 */
final class HeldMail {

    private static final Logger LOG = LoggerFactory.getLogger(HeldMail.class);
    private static final String HELD = "held";
    private static final String RELEASED = "released";
    private static final String DELETED = "deleted";
    private static final String GONE = "gone";
    private static final int MOST_RELEASED = 100_000;

    private final Path path;
    private final Map<String, Held> held = new LinkedHashMap<>();
    private final Map<String, Counts> counts = new LinkedHashMap<>();
    /** Released by an operator: not to be held again when Postfix takes them up. */
    private final Map<String, Boolean> released = new LinkedHashMap<>();

    /** A message that waits because of us. */
    record Held(String id, String account, Instant at) {}

    /** What became of an account's held messages so far. */
    record Counts(long released, long deleted) {}

    HeldMail(Path path) throws IOException {
        this.path = path;
        if (Files.exists(path)) {
            for (String line : Files.readAllLines(path, StandardCharsets.UTF_8)) {
                read(line);
            }
            try {
                rewrite();
            } catch (IOException e) {
                LOG.warn("{} cannot be shortened: {}", path, e.getMessage());
            }
        }
    }

    private void read(String line) {
        String[] parts = line.split("\t", -1);
        if (parts.length != 4 || !parts[3].matches("\\d{1,18}")) {
            LOG.warn("{} has a line that is not whole: it is left out", path);
            return;
        }
        apply(parts[0], parts[1], Logins.fold(parts[2]), Instant.ofEpochMilli(Long.parseLong(parts[3])));
    }

    private void apply(String what, String id, String account, Instant at) {
        switch (what) {
            case HELD -> {
                held.put(id, new Held(id, account, at));
                released.remove(id);
                counts.putIfAbsent(account, new Counts(0, 0));
            }
            case RELEASED -> {
                held.remove(id);
                released.put(id, true);
                if (released.size() > MOST_RELEASED) {
                    Iterator<String> oldest = released.keySet().iterator();
                    oldest.next();
                    oldest.remove();
                }
                counts.merge(account, new Counts(1, 0), HeldMail::sum);
            }
            case DELETED -> {
                held.remove(id);
                counts.merge(account, new Counts(0, 1), HeldMail::sum);
            }
            default -> held.remove(id);
        }
        boolean over = of(account).isEmpty() && (what.equals(GONE) || what.equals(DELETED));
        if (over && counts.size() > MOST_RELEASED) {
            counts.remove(account);
        }
    }

    private static Counts sum(Counts a, Counts b) {
        return new Counts(a.released() + b.released(), a.deleted() + b.deleted());
    }

    synchronized void held(String id, String account, Instant at) {
        if (!held.containsKey(id)) {
            append(HELD, id, account, at);
        }
    }

    synchronized void released(String id, String account, Instant at) {
        append(RELEASED, id, account, at);
    }

    synchronized void deleted(String id, String account, Instant at) {
        append(DELETED, id, account, at);
    }

    /** It is no message of ours any more, whoever took it away. */
    synchronized void gone(String id, Instant at) {
        released.remove(id);
        Held was = held.get(id);
        if (was != null && !at.isBefore(was.at())) {
            append(GONE, id, was.account(), at);
        }
    }

    /** What cannot be written is known until the process ends: better held and forgotten than not held. */
    private void append(String what, String id, String account, Instant at) {
        try (var out = Files.newBufferedWriter(
                path, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            write(out, what, id, account, at);
        } catch (IOException e) {
            LOG.error(
                    "{} cannot be written, what is held will be forgotten at the next start: {}", path, e.getMessage());
        }
        apply(what, id, account, at);
    }

    private static void write(BufferedWriter out, String what, String id, String account, Instant at)
            throws IOException {
        out.write(what + "\t" + id + "\t" + account + "\t" + at.toEpochMilli() + "\n");
    }

    /** Leaves out what is over. */
    private void rewrite() throws IOException {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        try (var out = Files.newBufferedWriter(fresh, StandardCharsets.UTF_8)) {
            for (Held h : held.values()) {
                write(out, HELD, h.id(), h.account(), h.at());
            }
        }
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        counts.keySet().removeIf(account -> of(account).isEmpty());
        released.clear();
    }

    synchronized boolean isHeld(String id) {
        return held.containsKey(id);
    }

    /** Whose message it is that waits because of us. */
    synchronized Optional<String> account(String id) {
        return Optional.ofNullable(held.get(id)).map(Held::account);
    }

    /** Whether an operator let it go on. */
    synchronized boolean isReleased(String id) {
        return released.containsKey(id);
    }

    /** An account's messages that wait because of us, oldest first. */
    synchronized List<Held> of(String account) {
        List<Held> result = new ArrayList<>();
        for (Held h : held.values()) {
            if (h.account().equals(account)) {
                result.add(h);
            }
        }
        return result;
    }

    synchronized Counts counts(String account) {
        return counts.getOrDefault(account, new Counts(0, 0));
    }
}
