package io.postbrake.benchmarks.pipeline;

import io.postbrake.embedded.EmbeddedBroker;
import io.postbrake.embedded.EmbeddedRegistry;
import java.nio.file.Path;

/** Broker and registry of a fleet as a process of their own, the same ones for all builds: prints their addresses. */
final class BrokerProcess {
    private BrokerProcess() {}

    /** The empty folder for its data. */
    public static void main(String[] args) throws InterruptedException {
        Path dir = Path.of(args[0]);
        try (EmbeddedBroker broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
                EmbeddedRegistry registry = EmbeddedRegistry.start(dir.resolve("registry.json"), 0)) {
            System.out.println("broker " + broker.bootstrapServers());
            System.out.println("registry " + registry.url());
            Thread.currentThread().join();
        }
    }
}
