package io.postbrake.local;

import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.testkit.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A part of ours in a process of its own, so that it can be killed. */
final class JavaProcess implements AutoCloseable {

    private final Process process;

    private JavaProcess(Process process) {
        this.process = process;
    }

    static JavaProcess start(Path output, Class<?> main, String... arguments) throws IOException {
        return start(output, List.of("-Xmx256m"), main, arguments);
    }

    /** @param options of the JVM, its memory above all */
    static JavaProcess start(Path output, List<String> options, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return new JavaProcess(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .start());
    }

    /** As kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    static int freePort() throws IOException {
        return FreePort.next();
    }

    /** A broker: folder and port. */
    static final class Broker {
        private Broker() {}

        public static void main(String[] args) throws InterruptedException {
            try (var broker = EmbeddedBroker.start(Path.of(args[0]), Integer.parseInt(args[1]))) {
                System.out.println("broker at " + broker.bootstrapServers());
                Thread.currentThread().join();
            }
        }
    }

    /** Everything of ours: the file of a single mail server. */
    static final class Everything {
        private Everything() {}

        public static void main(String[] args) throws Exception {
            try (LocalStack stack = LocalStack.start(LocalConfig.read(Path.of(args[0])), part -> {})) {
                Files.writeString(Path.of(args[1]), stack.clientFile().toString());
                Thread.currentThread().join();
            }
        }
    }
}
