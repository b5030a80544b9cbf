package io.postbrake.wire;

import io.postbrake.testkit.RegistryProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** One real registry process for all tests of this JVM: it takes long to start. */
final class Apicurio {
    private static RegistryProcess process;

    private Apicurio() {}

    static synchronized String url() {
        if (process == null) {
            try {
                Path log = Files.createTempFile(Path.of("target"), "apicurio", ".log");
                process = RegistryProcess.start(Path.of(System.getProperty("apicurio.home")), log);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while the registry started", e);
            }
            Runtime.getRuntime().addShutdownHook(new Thread(process::close));
        }
        return process.confluentUrl();
    }
}
