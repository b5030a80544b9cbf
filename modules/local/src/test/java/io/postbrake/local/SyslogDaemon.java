package io.postbrake.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A syslog daemon of Debian's that takes lines by TCP and writes them to Kafka, configured as docs/shipping.md says. */
final class SyslogDaemon implements AutoCloseable {

    private static final List<String> SYSLOG_NG =
            List.of("syslog-ng-core", "syslog-ng-mod-rdkafka", "libivykis0", "libnet1", "libpcre3");
    private static final Path RSYSLOGD = Path.of("/usr/sbin/rsyslogd");

    private final Path dir;
    private final List<String> command;
    private final String libraries;
    private final int port;
    private Process process;

    private SyslogDaemon(Path dir, List<String> command, String libraries, int port) throws IOException {
        this.dir = dir;
        this.command = command;
        this.libraries = libraries;
        this.port = port;
        again();
    }

    static boolean isRsyslogThere() throws IOException {
        try (var libraries = Files.walk(Path.of("/usr/lib"), 3)) {
            return Files.exists(RSYSLOGD) && libraries.anyMatch(p -> p.endsWith("rsyslog/omkafka.so"));
        }
    }

    static SyslogDaemon rsyslog(Path dir, String brokers) throws Exception {
        int port = JavaProcess.freePort();
        Path config = Files.writeString(
                dir.resolve("rsyslog.conf"),
                "global(workDirectory=\"" + dir + "\")\n"
                        + "module(load=\"omkafka\")\n"
                        + "module(load=\"imtcp\")\n"
                        + "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"" + port + "\")\n"
                        + documented("rsyslog (`rsyslog-kafka`)").replace("kafka:9092", brokers));
        return new SyslogDaemon(
                dir,
                List.of(RSYSLOGD.toString(), "-n", "-f", config.toString(), "-i", dir + "/rsyslogd.pid"),
                "",
                port);
    }

    /**
     * The other one cannot be installed beside rsyslog: its packages are unpacked and not installed.
     *
     * @return whether they are in {@code root} now
     */
    static boolean unpackSyslogNg(Path root) throws Exception {
        if (Files.exists(root.resolve("usr/sbin/syslog-ng"))) {
            return true;
        }
        Files.createDirectories(root);
        List<String> download = new ArrayList<>(List.of("apt-get", "-q", "download"));
        download.addAll(SYSLOG_NG);
        if (!runs(root, download)) {
            return false;
        }
        try (var packages = Files.newDirectoryStream(root, "*.deb")) {
            for (Path each : packages) {
                if (!runs(root, List.of("dpkg-deb", "-x", each.toString(), root.toString()))) {
                    return false;
                }
            }
        }
        return Files.exists(root.resolve("usr/sbin/syslog-ng"));
    }

    static SyslogDaemon syslogNg(Path root, Path dir, String brokers) throws Exception {
        int port = JavaProcess.freePort();
        Path config = Files.writeString(
                dir.resolve("syslog-ng.conf"),
                "@version: 3.38\n"
                        + "source s_src { network(transport(tcp) ip(127.0.0.1) port(" + port + ")); };\n"
                        + documented("syslog-ng (`syslog-ng-mod-rdkafka`)")
                                .replace("kafka:9092", brokers)
                                .replace("disk-buffer(", "disk-buffer(dir(\"" + dir + "\") "));
        Path libraries = root.resolve("usr/lib/syslog-ng");
        return new SyslogDaemon(
                dir,
                List.of(
                        root.resolve("usr/sbin/syslog-ng").toString(),
                        "--foreground",
                        "--no-caps",
                        "--cfgfile=" + config,
                        "--persist-file=" + dir.resolve("syslog-ng.persist"),
                        "--control=" + dir.resolve("syslog-ng.ctl"),
                        "--pidfile=" + dir.resolve("syslog-ng.pid"),
                        "--module-path=" + libraries.resolve("3.38")),
                libraries + ":" + root.resolve("usr/lib/x86_64-linux-gnu") + ":" + root.resolve("lib/x86_64-linux-gnu"),
                port);
    }

    private static boolean runs(Path dir, List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("unpack.log").toFile())
                .start();
        return process.waitFor() == 0;
    }

    /** What the page tells to put into a daemon's configuration. */
    private static String documented(String heading) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/shipping.md"))) {
            root = root.getParent();
        }
        String page = Files.readString(root.resolve("docs/shipping.md"));
        int from = page.indexOf("```\n", page.indexOf(heading)) + 4;
        return page.substring(from, page.indexOf("```", from));
    }

    /** Starts it with what it has kept. */
    void again() throws IOException {
        var builder = new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        dir.resolve("daemon.log").toFile()));
        if (!libraries.isEmpty()) {
            builder.environment().putAll(Map.of("LD_LIBRARY_PATH", libraries));
        }
        process = builder.start();
    }

    /** As a service manager stops it. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    /** A connection to it, once it listens. */
    Socket connected() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (; ; ) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException e) {
                assertThat(System.nanoTime())
                        .as(Files.readString(dir.resolve("daemon.log")))
                        .isLessThan(end);
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
