package io.postbrake.cli;

import io.postbrake.local.LocalConfig;
import io.postbrake.local.LocalStack;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs everything for a single mail server until it is told to stop. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = "Run broker, detector, shipper and enforcer on this machine.")
final class UpCommand implements Callable<Integer> {

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "YAML file of this machine.")
    private Path config;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        LocalConfig local = LocalConfig.read(config);
        var stop = new CountDownLatch(1);
        var stopped = new CountDownLatch(1);
        try (LocalStack stack = LocalStack.start(local, part -> {
            out.println("starting " + part);
            out.flush();
        })) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                stop.countDown();
                try {
                    stopped.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
            out.printf(
                    "up: broker %s, registry %s%n",
                    stack.access().kafka().get("bootstrap.servers"),
                    stack.access().registryUrl());
            out.flush();
            stop.await();
        } finally {
            stopped.countDown();
        }
        return 0;
    }
}
