package io.postbrake.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A real Postfix of its own: Debian's programs on a private directory, queue, log and loopback port. It accepts mail of
 * logged-in users only, asks the policy map before, and throws away what it accepted.
 */
public final class PostfixHost implements AutoCloseable {

    private static final Path MASTER = Path.of("/usr/lib/postfix/sbin/master");
    private static final Path LMDB = Path.of("/usr/lib/postfix/postfix-lmdb.so");
    private static final Path SASLPASSWD = Path.of("/usr/sbin/saslpasswd2");
    private static final Path SASLDB = Path.of(
                    "/usr/lib",
                    System.getProperty("os.arch").equals("aarch64") ? "aarch64-linux-gnu" : "x86_64-linux-gnu")
            .resolve("sasl2/libsasldb.so");
    private static final String SERVICES = """
        127.0.0.1:%d inet n - n - - smtpd
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        proxymap unix - - n - - proxymap
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        smtp unix - - n - - smtp
        anvil unix - - n - 1 anvil
        postlog unix-dgram n - n - 1 postlogd
        """;
    private static final String SETTINGS = """
        compatibility_level = 3.6
        queue_directory = %1$s/queue
        data_directory = %1$s/data
        maillog_file = %1$s/log/mail.log
        maillog_file_prefixes = %1$s/log
        meta_directory = %1$s
        inet_interfaces = loopback-only
        inet_protocols = ipv4
        myhostname = %2$s.my-domain.net
        mydestination =
        alias_maps =
        local_recipient_maps =
        mynetworks = 192.0.2.1/32
        default_transport = discard:
        relay_transport = discard:
        smtpd_sasl_auth_enable = yes
        smtpd_sasl_type = cyrus
        smtpd_sasl_path = smtpd
        smtpd_sasl_local_domain = my-domain.net
        cyrus_sasl_config_path = %1$s/sasl
        smtpd_recipient_restrictions = check_sasl_access lmdb:%1$s/policy/blocks, permit_sasl_authenticated, reject
        smtpd_end_of_data_restrictions = check_sasl_access lmdb:%1$s/policy/blocks
        """;

    private final Path dir;
    private final int port;
    private Journald journald;
    private Process master;

    private PostfixHost(Path dir, int port) {
        this.dir = dir;
        this.port = port;
    }

    /** Why no such host can run here; empty when it can. */
    public static Optional<String> missing() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("Postfix's master starts as root only");
        }
        return Stream.of(MASTER, LMDB, SASLPASSWD, SASLDB)
                .filter(p -> !Files.exists(p))
                .findFirst()
                .map(p -> p + " is missing: install postfix, postfix-lmdb, sasl2-bin and libsasl2-modules");
    }

    /** Lays out {@code mx1.my-domain.net}, see {@link #create(String)}. */
    public static PostfixHost create() throws IOException {
        return create("mx1");
    }

    /** Lays out a host of this name that does not run yet. Its map must be there before {@link #start}. */
    public static PostfixHost create(String name) throws IOException {
        Path dir = Files.createTempDirectory(Path.of("/var/tmp"), "postbrake-postfix-");
        int port = FreePort.next();
        var host = new PostfixHost(dir, port);
        host.layOut(name);
        return host;
    }

    private void layOut(String hostName) throws IOException {
        permit(dir, "rwxr-xr-x");
        directory("log", "root", "root", "rwxr-xr-x");
        directory("policy", "root", "root", "rwxr-xr-x");
        directory("sasl", "root", "root", "rwxr-xr-x");
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
        Files.copy(
                Path.of("/etc/postfix/dynamicmaps.cf"),
                dir.resolve("dynamicmaps.cf"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(dir.resolve("main.cf"), SETTINGS.formatted(dir, hostName));
        Files.writeString(dir.resolve("master.cf"), SERVICES.formatted(port));
        Files.writeString(dir.resolve("sasl/smtpd.conf"), """
            pwcheck_method: auxprop
            auxprop_plugin: sasldb
            sasldb_path: %s
            mech_list: PLAIN LOGIN
            """.formatted(users()));
    }

    /** Adds an account; the login is {@code name@my-domain.net}. */
    public void account(String name, String password) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        SASLPASSWD.toString(), "-p", "-c", "-f", users().toString(), "-u", "my-domain.net", name)
                .redirectErrorStream(true)
                .start();
        try (var in = process.getOutputStream()) {
            in.write(password.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("saslpasswd2: " + said);
        }
        own(users(), "root", "postfix");
        permit(users(), "rw-r-----");
    }

    /** Sets a parameter of main.cf; before {@link #start}. */
    public void setting(String name, String value) throws IOException {
        Path main = configuration().resolve("main.cf");
        String kept = Files.readAllLines(main).stream()
                .filter(line -> !line.startsWith(name + " ="))
                .collect(Collectors.joining("\n"));
        Files.writeString(main, kept + "\n" + name + " = " + value + "\n");
    }

    /** Lets it log by syslog to this journal, in place of its own file; before {@link #start}. */
    public void logsTo(Journald journal) throws IOException {
        setting("maillog_file", "");
        journald = journal;
    }

    /** Its configuration directory, as the option {@code -c} of Postfix's programs takes it. */
    public Path configuration() {
        return dir;
    }

    /** Starts it and waits for its greeting. */
    public void start() throws IOException, InterruptedException {
        String[] command = {MASTER.toString(), "-c", dir.toString(), "-d"};
        master = new ProcessBuilder(journald == null ? List.of(command) : journald.inside(command))
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("log/master.out").toFile())
                .start();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        IOException last = null;
        while (master.isAlive() && System.nanoTime() < until) {
            try (var session = new SmtpSession(port)) {
                return;
            } catch (IOException e) {
                last = e;
                Thread.sleep(50);
            }
        }
        throw new IOException(
                "Postfix does not answer: " + Files.readString(dir.resolve("log/master.out")) + log(), last);
    }

    /** Its loopback port. */
    public int port() {
        return port;
    }

    /** Opens a session and reads the greeting, no more. */
    public SmtpSession connect() throws IOException {
        return new SmtpSession(port);
    }

    /** Opens a session and logs in. */
    public SmtpSession login(String login, String password) throws IOException {
        var session = new SmtpSession(port);
        try {
            session.login(login, password);
        } catch (IOException e) {
            session.close();
            throw new IOException(e.getMessage() + "\n" + log(), e);
        }
        return session;
    }

    /** Where the policy map must be. */
    public Path map() {
        return dir.resolve("policy/blocks.lmdb");
    }

    /** Its log file. */
    public Path logFile() {
        return dir.resolve("log/mail.log");
    }

    /** All that it logged so far. */
    public String log() throws IOException {
        return Files.exists(logFile()) ? Files.readString(logFile(), StandardCharsets.ISO_8859_1) : "";
    }

    private Path users() {
        return dir.resolve("sasl/sasldb2");
    }

    private void directory(String name, String user, String group, String mode) throws IOException {
        Path path = Files.createDirectory(dir.resolve(name));
        own(path, user, group);
        permit(path, mode);
    }

    private static void permit(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private static void own(Path path, String user, String group) throws IOException {
        var names = path.getFileSystem().getUserPrincipalLookupService();
        var view = Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        view.setOwner(names.lookupPrincipalByName(user));
        view.setGroup(names.lookupPrincipalByGroupName(group));
    }

    /** Stops it; its files stay. */
    public void stop() {
        if (master == null) {
            return;
        }
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
        master = null;
    }

    @Override
    public void close() throws IOException {
        stop();
        List<Path> files;
        try (Stream<Path> tree = Files.walk(dir)) {
            files = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
