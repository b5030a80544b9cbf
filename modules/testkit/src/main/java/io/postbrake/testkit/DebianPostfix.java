package io.postbrake.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A real Postfix of another Debian release, in a root directory that debootstrap made, with configuration, queue, log and
 * ports of its own. Its services ask the Dovecot authentication server at {@link #authSocket()}, which is the test's.
 * The root directory is kept for the next time, as it takes minutes to make.
 */
public final class DebianPostfix implements AutoCloseable {

    private static final Path DEBOOTSTRAP = Path.of("/usr/sbin/debootstrap");
    private static final String PACKAGES = "postfix,postfix-lmdb,libsasl2-modules,sasl2-bin";
    private static final String MASTER = "usr/lib/postfix/sbin/master";
    private static final String SERVICES = """
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        pickup unix n - n 1 1 pickup
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        proxymap unix - - n - - proxymap
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        local unix - n n - - local
        smtp unix - - n - - smtp
        lmtp unix - - n - - lmtp
        anvil unix - - n - 1 anvil
        scache unix - - n - 1 scache
        postlog unix-dgram n - n - 1 postlogd
        """;
    private static final String SETTINGS = """
        compatibility_level = 3.10
        queue_directory = %1$s/queue
        data_directory = %1$s/data
        maillog_file = %1$s/log/mail.log
        maillog_file_prefixes = %1$s/log
        inet_interfaces = loopback-only
        inet_protocols = ipv4
        smtp_bind_address =
        myhostname = mx1.my-domain.net
        mydestination =
        alias_maps =
        alias_database =
        local_recipient_maps =
        mynetworks = 192.0.2.1/32
        default_transport = discard:
        relay_transport = discard:
        smtpd_sasl_auth_enable = yes
        smtpd_sasl_type = dovecot
        smtpd_sasl_path = %1$s/auth
        smtpd_recipient_restrictions = permit_sasl_authenticated, reject
        """;

    private final Path root;
    private final String dir;
    private final Map<String, Integer> ports = new TreeMap<>();
    private final StringBuilder services = new StringBuilder(SERVICES);
    private Process master;

    private DebianPostfix(Path root, String dir) {
        this.root = root;
        this.dir = dir;
    }

    /** Why no such Postfix can run here; empty when it can. */
    public static Optional<String> missing(String suite) {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("only root changes its root directory");
        }
        return Files.exists(root(suite).resolve(MASTER)) || Files.exists(DEBOOTSTRAP)
                ? Optional.empty()
                : Optional.of(DEBOOTSTRAP + " is missing: install debootstrap");
    }

    /** Where the suite's root directory is: {@code postbrake.debian.SUITE}, or in this user's cache. */
    private static Path root(String suite) {
        String given = System.getProperty("postbrake.debian." + suite);
        return given != null
                ? Path.of(given)
                : Path.of(System.getProperty("user.home"), ".cache", "postbrake", "debian-" + suite);
    }

    /** Lays out a host that does not run yet, and makes its root directory when there is none. */
    public static DebianPostfix create(String suite) throws IOException, InterruptedException {
        Path root = root(suite);
        if (!Files.exists(root.resolve(MASTER))) {
            bootstrap(suite, root);
        }
        Path dir = Files.createTempDirectory(root.resolve("var/tmp"), "postbrake-");
        var host = new DebianPostfix(root, "/" + root.relativize(dir));
        host.layOut();
        return host;
    }

    private static void bootstrap(String suite, Path root) throws IOException, InterruptedException {
        Files.createDirectories(root.getParent());
        Path made = Files.createTempDirectory(root.getParent(), "making-");
        permit(made, "rwxr-xr-x"); // Postfix's own user is to look into it.
        Process process = new ProcessBuilder(
                        DEBOOTSTRAP.toString(), "--variant=minbase", "--include=" + PACKAGES, suite, made.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("debootstrap of " + suite + ": " + said);
        }
        Files.move(made, root);
    }

    private void layOut() throws IOException {
        permit(outside(), "rwxr-xr-x");
        directory("log", "root", "root", "rwxr-xr-x");
        directory("data", "postfix", "postfix", "rwx------");
        directory("queue", "root", "root", "rwxr-xr-x");
        directory("queue/pid", "root", "root", "rwxr-xr-x");
        directory("queue/public", "postfix", "postdrop", "rwx--x---");
        directory("queue/maildrop", "postfix", "postdrop", "rwx-wx---");
        for (String name : List.of(
                "active",
                "bounce",
                "corrupt",
                "defer",
                "deferred",
                "flush",
                "hold",
                "incoming",
                "private",
                "saved",
                "trace")) {
            directory("queue/" + name, "postfix", "postfix", "rwx------");
        }
        Files.writeString(outside().resolve("main.cf"), SETTINGS.formatted(dir));
        for (String table : List.of("dynamicmaps.cf", "postfix-files")) {
            Path there = root.resolve("etc/postfix").resolve(table);
            if (Files.exists(there)) {
                Files.copy(there, outside().resolve(table));
            }
        }
    }

    /** Sets a parameter of main.cf; before {@link #start}. */
    public void setting(String name, String value) throws IOException {
        Path main = outside().resolve("main.cf");
        String kept = Files.readAllLines(main).stream()
                .filter(line -> !line.startsWith(name + " ="))
                .collect(Collectors.joining("\n"));
        Files.writeString(main, kept + "\n" + name + " = " + value + "\n");
    }

    /**
     * Adds a service that takes mail on a port of its own; before {@link #start}.
     *
     * @param name logged as {@code postfix/NAME/smtpd}
     * @param overrides parameters that hold for this service alone, as {@code name=value}
     */
    public void service(String name, String... overrides) throws IOException {
        ports.put(name, FreePort.next());
        services.append(
                "127.0.0.1:%d inet n - n - - smtpd%n -o syslog_name=postfix/%s%n".formatted(ports.get(name), name));
        for (String override : overrides) {
            services.append(" -o { ").append(override).append(" }\n");
        }
    }

    /** Starts it and waits until each service answers. */
    public void start() throws IOException, InterruptedException {
        Files.writeString(outside().resolve("master.cf"), services);
        master = new ProcessBuilder("chroot", root.toString(), "/" + MASTER, "-c", dir, "-d")
                .redirectErrorStream(true)
                .redirectOutput(outside().resolve("log/master.out").toFile())
                .start();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        IOException last = null;
        while (master.isAlive() && System.nanoTime() < until) {
            try (var socket = new Socket(
                    InetAddress.getLoopbackAddress(), ports.values().iterator().next())) {
                return;
            } catch (IOException e) {
                last = e;
                Thread.sleep(50);
            }
        }
        throw new IOException(
                "Postfix does not answer: " + Files.readString(outside().resolve("log/master.out")) + log(), last);
    }

    /** Opens a session with the service from this address of loopback, and reads the greeting. */
    public SmtpSession connect(String service, String from) throws IOException {
        return new SmtpSession(ports.get(service), InetAddress.getByName(from));
    }

    /** Opens a session as a balancer does, that begins with this line, and reads the greeting. */
    public SmtpSession behindBalancer(String service, String header) throws IOException {
        return new SmtpSession(ports.get(service), null, header + "\r\n");
    }

    /** Its version, such as 3.10.13. */
    public String version() throws IOException, InterruptedException {
        return run("", "/usr/sbin/postconf", "-c", dir, "-h", "mail_version").strip();
    }

    /** Submits a message on the host itself, as root. */
    public void submitLocally(String sender, String recipient, String message)
            throws IOException, InterruptedException {
        run(message, "/usr/sbin/sendmail", "-C", dir, "-f", sender, recipient);
    }

    /** What postcat(1) tells of a message in its queue. */
    public String message(String queueId) throws IOException, InterruptedException {
        return run("", "/usr/sbin/postcat", "-c", dir, "-e", "-q", queueId);
    }

    private String run(String input, String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("chroot", root.toString(), program));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(program + ": " + said);
        }
        return said;
    }

    /** Where the authentication server listens, as this machine names it. */
    public Path authSocket() {
        return outside().resolve("auth");
    }

    /** All that it logged so far. */
    public String log() throws IOException {
        Path log = outside().resolve("log/mail.log");
        return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
    }

    private Path outside() {
        return root.resolve(dir.substring(1));
    }

    private void directory(String name, String user, String group, String mode) throws IOException {
        Path path = Files.createDirectory(outside().resolve(name));
        Files.setAttribute(path, "unix:uid", id("etc/passwd", user));
        Files.setAttribute(path, "unix:gid", id("etc/group", group));
        permit(path, mode);
    }

    /** The number of a user or group, which is not the same inside as outside. */
    private int id(String table, String name) throws IOException {
        return Files.readAllLines(root.resolve(table)).stream()
                .map(line -> line.split(":"))
                .filter(fields -> fields[0].equals(name))
                .mapToInt(fields -> Integer.parseInt(fields[2]))
                .findFirst()
                .orElseThrow(() -> new IOException(name + " is not in " + root.resolve(table)));
    }

    private static void permit(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    @Override
    public void close() throws IOException {
        if (master != null) {
            List<ProcessHandle> started = new ArrayList<>(master.descendants().toList());
            master.destroy();
            try {
                if (!master.waitFor(10, TimeUnit.SECONDS)) {
                    master.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            started.forEach(ProcessHandle::destroy);
        }
        List<Path> files;
        try (Stream<Path> tree = Files.walk(outside())) {
            files = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
