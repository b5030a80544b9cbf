package io.postbrake.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real milter (Debian's python3-milter, which is libmilter) that refuses the mail of some logins at the end of the message. */
public final class RefusingMilter implements AutoCloseable {

    private static final Path PYTHON = Path.of("/usr/bin/python3");
    private static final Path LIBRARY = Path.of("/usr/lib/python3/dist-packages/Milter/__init__.py");
    private static final String PROGRAM = """
        import Milter, sys

        class Refusing(Milter.Base):
            def envfrom(self, sender, *more):
                self.login = self.getsymval('{auth_authen}') or ''
                return Milter.CONTINUE

            def eom(self):
                if self.login.startswith(sys.argv[2]):
                    self.setreply('550', '5.7.1', 'Message refused as spam')
                    return Milter.REJECT
                return Milter.CONTINUE

        Milter.factory = Refusing
        Milter.runmilter('refusing', 'inet:%s@127.0.0.1' % sys.argv[1], 5)
        """;

    private final Process process;
    private final int port;

    private RefusingMilter(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Why none can run here; empty when it can. */
    public static Optional<String> missing() {
        return Stream.of(PYTHON, LIBRARY)
                .filter(path -> !Files.exists(path))
                .findFirst()
                .map(path -> path + " is missing: install python3-milter");
    }

    /**
     * Starts it and waits until it answers.
     *
     * @param logins how the logins begin whose mail it refuses
     * @param log file of what it says
     */
    public static RefusingMilter start(String logins, Path log) throws IOException, InterruptedException {
        int port = FreePort.next();
        Process process = new ProcessBuilder(PYTHON.toString(), "-c", PROGRAM, Integer.toString(port), logins)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        IOException last = null;
        while (process.isAlive() && System.nanoTime() < until) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return new RefusingMilter(process, port);
            } catch (IOException e) {
                last = e;
                Thread.sleep(50);
            }
        }
        process.destroyForcibly();
        throw new IOException("the milter does not answer: " + Files.readString(log), last);
    }

    /** What {@code smtpd_milters} is to be. */
    public String address() {
        return "inet:127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
