package io.postbrake.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Dovecot 2.3 as Debian has it, on loopback, with its own log. Clients say by the PROXY protocol where they come from, so that
 * it takes them for strangers and neighbours.
 */
public final class DovecotHost implements AutoCloseable {

    private static final Path DOVECOT = Path.of("/usr/sbin/dovecot");
    private static final int PATIENCE_MS = 20_000;

    private final Path dir;
    private final int port;
    private Process master;

    private DovecotHost(Path dir, int port) {
        this.dir = dir;
        this.port = port;
    }

    /** Why none can run here; empty when it can. */
    public static Optional<String> missing() {
        if (!Files.isExecutable(DOVECOT)) {
            return Optional.of("Dovecot is not installed (Debian: dovecot-core, dovecot-imapd)");
        }
        return "root".equals(System.getProperty("user.name"))
                ? Optional.empty()
                : Optional.of("Dovecot's master needs root");
    }

    /** Lays one out that does not run yet, in a directory of its own; {@code users} are lines of a passwd-file. */
    public static DovecotHost create(Path dir, String users) throws IOException {
        Files.createDirectories(dir.resolve("mail"));
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(dir.resolve("mail"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.writeString(dir.resolve("users"), users);
        return new DovecotHost(dir, FreePort.next());
    }

    /** Its configuration file. */
    public Path configuration() {
        return dir.resolve("dovecot.conf");
    }

    /** Its log. */
    public Path log() {
        return dir.resolve("dovecot.log");
    }

    /** Starts it; {@code before} stands before the database of passwords, {@code within} in it. */
    public void start(String before, String within, String more) throws IOException {
        Files.writeString(
                configuration(),
                """
                base_dir = DIR/run
                state_dir = DIR/run
                log_path = DIR/dovecot.log
                protocols = imap
                listen = 127.0.0.1
                ssl = no
                disable_plaintext_auth = no
                auth_verbose = yes
                auth_failure_delay = 0
                mail_location = maildir:DIR/mail/%u
                first_valid_uid = 1
                haproxy_trusted_networks = 127.0.0.0/8
                """.replace("DIR", dir.toString())
                        + more
                        + before
                        + """
                passdb {
                  driver = passwd-file
                  args = DIR/users
                """.replace("DIR", dir.toString())
                        + within
                        + """
                }
                userdb {
                  driver = static
                  args = uid=65534 gid=65534 home=DIR/mail/%u allow_all_users=yes
                }
                service imap-login {
                  inet_listener imap {
                    port = PORT
                    haproxy = yes
                  }
                  inet_listener imaps {
                    port = 0
                  }
                }
                """.replace("DIR", dir.toString()).replace("PORT", Integer.toString(port)));
        master = new ProcessBuilder(
                        DOVECOT.toString(), "-F", "-c", configuration().toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("said").toFile())
                .start();
    }

    /** One IMAP session. */
    public final class Session implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;
        private final PrintWriter out;
        private int tag;

        private Session(String from) throws IOException, InterruptedException {
            socket = connected();
            socket.setSoTimeout(PATIENCE_MS);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8);
            out.print("PROXY TCP4 " + from + " 127.0.0.1 40000 " + port + "\r\n");
            out.flush();
            in.readLine();
        }

        /** The tagged answer to a command, or the line with which Dovecot said good-bye; empty when it hung up. */
        public String says(String command) throws IOException {
            String own = "t" + tag++;
            out.print(own + " " + command + "\r\n");
            out.flush();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith(own + " ") || line.startsWith("* BYE")) {
                    return line.substring(line.indexOf(' ') + 1);
                }
            }
            return "";
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Connects as a client of this IPv4 address. */
    public Session connect(String from) throws IOException, InterruptedException {
        return new Session(from);
    }

    /** Whether a login from there works. */
    public boolean letsIn(String from, String user, String password) throws IOException, InterruptedException {
        try (Session session = connect(from)) {
            return session.says("LOGIN \"" + user + "\" " + password).startsWith("OK");
        }
    }

    private Socket connected() throws IOException, InterruptedException {
        long until = System.currentTimeMillis() + PATIENCE_MS;
        while (true) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException e) {
                if (System.currentTimeMillis() > until) {
                    throw new IOException(Files.readString(dir.resolve("said")), e);
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }

    @Override
    public void close() throws Exception {
        if (master != null) {
            master.destroy();
            master.waitFor(10, TimeUnit.SECONDS);
        }
    }
}
