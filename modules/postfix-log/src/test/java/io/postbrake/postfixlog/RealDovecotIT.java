package io.postbrake.postfixlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.postbrake.event.MailEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dovecot as Debian has it, on loopback, and its own log as it is written. Its master starts as root only. */
class RealDovecotIT {
    private static final Path DOVECOT = Path.of("/usr/sbin/dovecot");
    private static final long PATIENCE_MILLIS = 20_000;

    @TempDir
    private Path directory;

    private Process master;
    private int port;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Files.isExecutable(DOVECOT), "Dovecot is not installed (Debian: dovecot-core, dovecot-imapd)");
        assumeTrue("root".equals(System.getProperty("user.name")), "Dovecot's master needs root");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        // Its services run under accounts of their own and must get to their files.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(directory.resolve("first"), "nobody:{PLAIN}other::::::\n");
        Files.writeString(
                directory.resolve("second"), "ann:{PLAIN}right::::::\nfar:{PLAIN}right::::::allow_nets=192.0.2.0/24\n");
        Files.writeString(directory.resolve("dovecot.conf"), """
                base_dir = DIR/run
                state_dir = DIR/run
                log_path = DIR/log
                protocols = imap
                listen = 127.0.0.1
                ssl = no
                disable_plaintext_auth = no
                auth_verbose = yes
                auth_username_chars =
                auth_failure_delay = 0
                mail_location = maildir:DIR/mail/%u
                first_valid_uid = 1
                passdb {
                  driver = passwd-file
                  args = DIR/first
                }
                passdb {
                  driver = passwd-file
                  args = DIR/second
                }
                userdb {
                  driver = static
                  args = uid=65534 gid=65534 home=DIR/mail/%u allow_all_users=yes
                }
                service imap-login {
                  inet_listener imap {
                    port = PORT
                  }
                  inet_listener imaps {
                    port = 0
                  }
                }
                """.replace("DIR", directory.toString())
                .replace("PORT", Integer.toString(port)));
        master = new ProcessBuilder(
                        DOVECOT.toString(),
                        "-F",
                        "-c",
                        directory.resolve("dovecot.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("said").toFile())
                .start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (master != null) {
            master.destroy();
            master.waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void loginsAreToldByWhoTakesThemWhateverTheirNames() throws Exception {
        String hostile = "x>, method=PLAIN, rip=192.0.2.66, lip=192.0.2.1, TLS, session=<y";

        login("127.0.0.2", "ann", "right");
        login("127.0.0.3", "ann", "wrong");
        login("127.0.0.4", hostile, "wrong");
        login("127.0.0.5", "far", "right");

        List<MailEvent> told = events("login", "login_failed", 4);
        assertThat(told)
                .extracting(MailEvent::getKind)
                .containsExactly("login", "login_failed", "login_failed", "login_failed");
        assertThat(told)
                .extracting(MailEvent::getClientIp)
                .containsExactly("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5");
        assertThat(told)
                .extracting(e -> e.getSaslUsername().toLowerCase(Locale.ROOT))
                .containsExactly("ann", "ann", hostile.toLowerCase(Locale.ROOT), "far");
        assertThat(told.subList(1, 4)).allSatisfy(e -> {
            assertThat(e.getAttempts()).isEqualTo(1);
            assertThat(e.getReason()).isEqualTo("auth failed");
        });
        List<MailEvent> reasons = events("login_reason", "login_reason", 8);
        assertThat(reasons)
                .filteredOn(e -> e.getReason().startsWith("allow_nets check failed"))
                .extracting(MailEvent::getSession)
                .containsExactly(told.get(3).getSession());
        // The first database knows nobody, whoever gets in.
        assertThat(reasons)
                .filteredOn(e -> e.getReason().equals("unknown user"))
                .hasSizeGreaterThanOrEqualTo(4);
    }

    private void login(String from, String name, String password) throws Exception {
        try (Socket socket = connected(from)) {
            socket.setSoTimeout((int) PATIENCE_MILLIS);
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            var out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8);
            in.readLine();
            out.print("a LOGIN \"" + name + "\" " + password + "\r\n");
            out.flush();
            in.readLine();
            out.print("b LOGOUT\r\n");
            out.flush();
            in.readLine();
        }
    }

    private Socket connected(String from) throws Exception {
        long until = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (true) {
            var socket = new Socket();
            try {
                socket.bind(new InetSocketAddress(from, 0));
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return socket;
            } catch (IOException e) {
                socket.close();
                if (System.currentTimeMillis() > until) {
                    throw new IOException(Files.readString(directory.resolve("said")), e);
                }
                Thread.sleep(100);
            }
        }
    }

    /** Those of the log once there are so many of them, or after long enough as many as there are. */
    private List<MailEvent> events(String kind, String orKind, int enough) throws Exception {
        long until = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (true) {
            var parser = new PostfixLogParser(ZoneId.systemDefault(), null);
            List<MailEvent> found = Files.readAllLines(directory.resolve("log")).stream()
                    .map(line -> line.getBytes(StandardCharsets.UTF_8))
                    .map(line -> parser.parse(line, 0, line.length, Lines.origin(Instant.now())))
                    .filter(e -> e.getKind().equals(kind) || e.getKind().equals(orKind))
                    .toList();
            if (found.size() >= enough || System.currentTimeMillis() > until) {
                return found;
            }
            Thread.sleep(100);
        }
    }
}
