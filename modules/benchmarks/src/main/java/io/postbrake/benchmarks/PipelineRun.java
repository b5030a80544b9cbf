package io.postbrake.benchmarks;

import io.postbrake.policysink.PolicyMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The whole of one mail server, started by its launcher as anybody would: lines are appended to a log at once, and what the process
 * takes until the last of them is in the map is read from the kernel. Prints one line: lines, seconds until the last line's block was
 * in the map, processor seconds of user and of system until all was quiet again, resident MiB then, and percent of a core when idle.
 * The launcher is an argument, so that builds can be measured in turn.
 */
public final class PipelineRun {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final double TICKS = 100; // USER_HZ, the same on all that Linux runs on.
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private final Path log;
    private final Path map;
    private final Process up;

    private PipelineRun(Path log, Path map, Process up) {
        this.log = log;
        this.map = map;
        this.up = up;
    }

    /** Processor time in seconds. */
    private record Cpu(double user, double system) {
        Cpu since(Cpu before) {
            return new Cpu(user - before.user, system - before.system);
        }

        double sum() {
            return user + system;
        }
    }

    /**
     * What a run took.
     *
     * @param seconds until the block of the thief behind the last line was in the map
     * @param user processor seconds in user mode, until all was quiet again
     * @param system the same in the kernel
     * @param residentMib memory of the process then
     * @param idlePercent of one core, over twenty seconds with nothing to do
     */
    record Figures(int lines, double seconds, double user, double system, long residentMib, double idlePercent) {
        double cpuSecondsAMillion() {
            return (user + system) / lines * 1e6;
        }
    }

    /** The launcher {@code postbrake}, an empty folder for its files, lines to get warm with, lines to be measured. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Figures f = of(Path.of(args[0]), Path.of(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
        System.out.printf(
                Locale.ROOT,
                "%d lines: %.2f s, %.2f user, %.2f system, %.1f CPU s a million, %d MiB, idle %.2f %%%n",
                f.lines(),
                f.seconds(),
                f.user(),
                f.system(),
                f.cpuSecondsAMillion(),
                f.residentMib(),
                f.idlePercent());
    }

    /** Starts {@code launcher up} with its files in {@code dir}, and ends it. */
    static Figures of(Path launcher, Path dir, int warm, int lines) throws IOException, InterruptedException {
        Path log = Files.createFile(dir.resolve("mail.log"));
        Path map = dir.resolve("blocked.lmdb");
        Path config = Files.writeString(
                dir.resolve("up.yaml"),
                "host: mx1\nwatch: 0d\nlog: %s\nmap: %s\ndata: %s\n".formatted(log, map, dir.resolve("data")));
        Process up = new ProcessBuilder(launcher.toString(), "up", "--config=" + config)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("out").toFile())
                .start();
        try {
            return new PipelineRun(log, map, up).measure(warm, lines);
        } finally {
            up.destroy();
            up.waitFor();
        }
    }

    private Figures measure(int warm, int lines) throws IOException, InterruptedException {
        await("the map", () -> Files.exists(map));
        stolen("first@customer.example.net", new byte[0]);
        stolen("second@customer.example.net", new FleetMix(warm, Instant.now()).bytes());
        quiet();
        byte[] traffic = new FleetMix(lines, Instant.now()).bytes();
        Cpu before = cpu();
        double seconds = stolen("third@customer.example.net", traffic);
        quiet();
        Cpu taken = cpu().since(before);
        long resident = resident();
        Cpu idle = cpu();
        TimeUnit.SECONDS.sleep(20);
        return new Figures(
                lines,
                seconds,
                taken.user(),
                taken.system(),
                resident,
                cpu().since(idle).sum() / 20 * 100);
    }

    /** Appends lines and a theft behind them; seconds until that is blocked. */
    private double stolen(String account, byte[] before) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Files.write(log, before, StandardOpenOption.APPEND);
        Files.write(log, theft(account), StandardOpenOption.APPEND);
        await("a block of " + account, () -> blocked(account));
        return (System.nanoTime() - start) / 1e9;
    }

    private boolean blocked(String account) {
        return PolicyMap.read(map, account).isPresent();
    }

    private static byte[] theft(String account) {
        var lines = new StringBuilder();
        Instant start = Instant.now().minusSeconds(600);
        for (int i = 0; i < 60; i++) {
            String head = FleetMix.STAMP.format(start.plusSeconds(6L * i)) + " mx1 postfix/";
            String id = String.format(Locale.ROOT, "%06X%04X", account.hashCode() & 0xff_ffff, i);
            lines.append(head)
                    .append("submission/smtpd[12]: ")
                    .append(id)
                    .append(": client=unknown[198.51.100.26], sasl_method=PLAIN, sasl_username=")
                    .append(account)
                    .append('\n');
            lines.append(head)
                    .append("qmgr[13]: ")
                    .append(id)
                    .append(": from=<a@b.example>, size=18836, nrcpt=1 (queue active)\n");
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Until the process does next to nothing for two seconds. */
    private void quiet() throws IOException, InterruptedException {
        int calm = 0;
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (calm < 2) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("it never came to rest; see " + log.resolveSibling("out"));
            }
            Cpu before = cpu();
            TimeUnit.SECONDS.sleep(1);
            calm = cpu().since(before).sum() < 0.25 ? calm + 1 : 0;
        }
    }

    private interface Condition {
        boolean holds();
    }

    private void await(String what, Condition condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (!up.isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException("waited in vain for " + what + "; see " + log.resolveSibling("out"));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Fields 14 and 15 of proc_pid_stat(5), behind the name in brackets. */
    private Cpu cpu() throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(up.pid()), "stat"));
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
        return new Cpu(Long.parseLong(fields.get(11)) / TICKS, Long.parseLong(fields.get(12)) / TICKS);
    }

    private long resident() throws IOException {
        Matcher found = RESIDENT.matcher(Files.readString(Path.of("/proc", Long.toString(up.pid()), "status")));
        return found.find() ? Long.parseLong(found.group(1)) / 1024 : -1;
    }
}
