package io.postbrake.cli.doctor;

import io.postbrake.geo.AddressLists;
import io.postbrake.geo.MaxMindGeo;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Java, clock, room on the disk and in memory, who may look into the data, and how old the files of places are. */
final class MachineCheck {

    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;
    private static final long LEAST_DISK = GIB;
    private static final long SCARCE_DISK = 5 * GIB;
    /** What the units allow: a heap, and what the JVM has beside it. */
    private static final long NEEDED_BY_SERVICE = GIB;

    private static final long NEEDED_BY_AGENT = 256 * MIB;
    private static final Duration OLD = Duration.ofDays(60);
    private static final Duration OLD_LIST = Duration.ofDays(14);
    private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB$");
    private static final Pattern SYNCHRONIZED = Pattern.compile("(?m)^NTPSynchronized=(yes|no)$");

    private MachineCheck() {}

    static Symptom java() {
        return Symptom.ok(
                "java",
                System.getProperty("java.version") + " of " + System.getProperty("java.vendor") + " in "
                        + System.getProperty("java.home"));
    }

    /** @param running whether the service has its memory already */
    static List<Symptom> of(Installation there, boolean running, Path memory, Instant now) {
        List<Symptom> found = new ArrayList<>();
        found.add(disk(there.data()));
        found.add(closed(there.data()));
        found.add(memory(memory, there.kind().equals("agent") ? NEEDED_BY_AGENT : NEEDED_BY_SERVICE, running));
        if (!there.kind().equals("agent")) {
            found.addAll(places(there.geo(), now));
            found.addAll(lists(there.lists(), now));
        }
        return found;
    }

    private static Symptom disk(Path data) {
        Path there = data.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            FileStore store = Files.getFileStore(there);
            long free = store.getUsableSpace();
            String seen = "%.1f GiB free for %s".formatted((double) free / GIB, data);
            if (free < LEAST_DISK) {
                return Symptom.fail("disk", seen, "make room: with a full disk the service ends, and blocks wait");
            }
            return free < SCARCE_DISK
                    ? Symptom.warn("disk", seen, "topics keep 35 days of events: make room, or watch it")
                    : Symptom.ok("disk", seen);
        } catch (IOException e) {
            return Symptom.warn("disk", "room for " + data + " is not known: " + e.getMessage(), "look by `df`");
        }
    }

    private static Symptom closed(Path data) {
        try {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(data);
            String seen = data + " has the mode " + PosixFilePermissions.toString(mode);
            boolean open = mode.contains(PosixFilePermission.OTHERS_READ)
                    || mode.contains(PosixFilePermission.OTHERS_WRITE)
                    || mode.contains(PosixFilePermission.GROUP_WRITE);
            return open
                    ? Symptom.fail("data", seen + ": others may look into it", "chmod 0711 " + data)
                    : Symptom.ok("data", seen);
        } catch (IOException | UnsupportedOperationException e) {
            return Symptom.warn("data", data + " is not there yet", "nothing: the service makes it");
        }
    }

    private static Symptom memory(Path file, long needed, boolean running) {
        try {
            Matcher line = AVAILABLE.matcher(Files.readString(file));
            if (!line.find()) {
                throw new IOException("no MemAvailable in " + file);
            }
            long available = Long.parseLong(line.group(1)) * 1024;
            String seen = available / MIB + " MiB available"
                    + (running ? " beside the running service" : ", " + needed / MIB + " MiB needed at most");
            return running || available >= needed
                    ? Symptom.ok("memory", seen)
                    : Symptom.warn("memory", seen, "end something else, or give the machine more");
        } catch (IOException e) {
            return Symptom.warn("memory", "what is available is not known: " + e.getMessage(), "look by `free`");
        }
    }

    private static List<Symptom> places(List<Path> files, Instant now) {
        if (files.isEmpty()) {
            return List.of(Symptom.warn(
                    "geo",
                    "no files: countries and networks of addresses are not known, and thieves abroad are seen later",
                    "geo.files: [...] of MaxMind DB files, see docs/geography.md"));
        }
        List<Symptom> found = new ArrayList<>();
        for (Path file : files) {
            try {
                long days = Duration.between(MaxMindGeo.builtAt(file), now).toDays();
                String seen = file + " was built " + days + " days ago";
                found.add(
                        days > OLD.toDays()
                                ? Symptom.warn("geo", seen, "fetch a newer one: it is taken up without a restart")
                                : Symptom.ok("geo", seen));
            } catch (IllegalArgumentException e) {
                found.add(Symptom.fail("geo", e.getMessage(), "give a MaxMind DB file, or leave it out"));
            }
        }
        return found;
    }

    /** Whoever mounts none needs none. */
    private static List<Symptom> lists(List<String> specs, Instant now) {
        List<Symptom> found = new ArrayList<>();
        try {
            AddressLists.open(specs).states().forEach((name, state) -> {
                long days = Duration.between(state.builtAt(), now).toDays();
                String seen = "list " + name + " was made " + days + " days ago"
                        + (state.entries() < 0 ? "" : ", " + state.entries() + " entries")
                        + (state.badLines() == 0 ? "" : ", " + state.badLines() + " lines are none");
                found.add(
                        days > OLD_LIST.toDays()
                                ? Symptom.warn(
                                        "lists",
                                        seen,
                                        "fetch a newer one, it is taken up without a restart: addresses change hands")
                                : Symptom.ok("lists", seen));
            });
        } catch (IllegalArgumentException e) {
            found.add(Symptom.fail("lists", e.getMessage(), "give a list in one of the forms of docs/reputation.md"));
        }
        return found;
    }

    /** Whether something keeps the clock, as systemd knows it. */
    static Symptom clock(Instant now) {
        String seen = now.toString().substring(0, 19) + "Z";
        try {
            Process process = new ProcessBuilder("timedatectl", "show", "--property=NTPSynchronized")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Matcher answer =
                    SYNCHRONIZED.matcher(new String(process.getInputStream().readAllBytes()));
            if (answer.find()) {
                return answer.group(1).equals("yes")
                        ? Symptom.ok("clock", seen + ", synchronized")
                        : Symptom.warn(
                                "clock",
                                seen + ", not synchronized",
                                "timedatectl set-ntp true, or another time service: logins of several hosts are compared");
            }
        } catch (IOException e) {
            // No systemd here.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Symptom.warn(
                "clock", seen + ", whether it is synchronized is not known", "compare it with another clock");
    }
}
