package io.postbrake.simulator;

import io.postbrake.simulator.PostfixLines.Line;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * The logs of a made-up fleet in which nobody stopped anything, one file a host, with the geo files that know its addresses.
 * The same seed and size give the same bytes.
 *
 * @param logs file by host
 * @param places MaxMind DB file of the places
 * @param operators MaxMind DB file of the networks' operators
 * @param lines how many lines the logs have together
 */
public record FleetLogs(Map<String, Path> logs, Path places, Path operators, long lines) {

    /** The year that stamps without one are of. */
    public static final int YEAR = 2026;

    /**
     * Writes the logs of {@code users} accounts in {@code days} days into {@code folder}, at most the first {@code most} lines.
     *
     * @throws IOException when the folder cannot be written to
     */
    public static FleetLogs write(long seed, int users, int days, long most, Path folder) throws IOException {
        Script script = Script.of(seed, users, days);
        Path places = folder.resolve("places.mmdb");
        Path operators = folder.resolve("operators.mmdb");
        script.geography().write(places, operators);
        Map<String, Path> logs = new LinkedHashMap<>();
        script.hosts().forEach(host -> logs.put(host, folder.resolve(host + ".log")));
        try (var writer = new Writer(logs, most)) {
            PostfixLines lines = new PostfixLines(seed, writer::hold);
            for (Action action : script.actions()) {
                writer.until(action.at());
                if (action instanceof Action.Mail mail) {
                    lines.accepted(mail, null);
                } else if (action instanceof Action.Local local) {
                    lines.submitted(local);
                } else if (action instanceof Action.Login login) {
                    lines.read(login);
                } else {
                    lines.failed((Action.Failure) action);
                }
            }
            writer.until(Long.MAX_VALUE);
            return new FleetLogs(logs, places, operators, writer.written);
        }
    }

    /** Puts lines in order of time, whichever action they belong to. */
    private static final class Writer implements AutoCloseable {
        private static final int BUFFER = 1 << 16;

        private record Held(Line line, long order) {}

        private final Map<String, OutputStream> files = new LinkedHashMap<>();
        private final PriorityQueue<Held> held = new PriorityQueue<>(
                Comparator.comparingLong((Held h) -> h.line().at()).thenComparingLong(Held::order));
        private final long most;
        private long order;
        private long written;

        Writer(Map<String, Path> logs, long most) throws IOException {
            this.most = most;
            for (Map.Entry<String, Path> log : logs.entrySet()) {
                files.put(log.getKey(), new BufferedOutputStream(Files.newOutputStream(log.getValue()), BUFFER));
            }
        }

        void hold(Line line) {
            held.add(new Held(line, order++));
        }

        void until(long at) throws IOException {
            while (!held.isEmpty() && held.peek().line().at() <= at) {
                Line line = held.poll().line();
                if (written < most) {
                    OutputStream file = files.get(line.host());
                    file.write(line.text());
                    file.write('\n');
                    written++;
                }
            }
        }

        @Override
        public void close() throws IOException {
            for (OutputStream file : files.values()) {
                file.close();
            }
        }
    }
}
