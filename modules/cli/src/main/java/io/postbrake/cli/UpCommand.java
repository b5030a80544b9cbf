package io.postbrake.cli;

import io.postbrake.agent.Receivers;
import io.postbrake.local.LocalConfig;
import io.postbrake.local.LocalStack;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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

    @Option(names = "--enforce", description = "Block from now on, although a first start only watches for a while.")
    private boolean enforce;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        LocalConfig local = LocalConfig.read(config);
        var stop = new CountDownLatch(1);
        var stopped = new CountDownLatch(1);
        Consumer<String> progress = part -> {
            out.println("starting " + part);
            out.flush();
        };
        try (LocalStack stack =
                enforce ? LocalStack.startEnforcing(local, progress) : LocalStack.start(local, progress)) {
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
            lines(local, stack.consolePort(), stack.httpPort()).forEach(out::println);
            Instant until =
                    new ControlTopic(ClusterOptions.of(stack.clientFile(), null, null)).watchedUntil(Instant.now());
            if (until != null) {
                out.println("  watching " + EnforceCommand.sentence(until));
            }
            out.flush();
            stop.await();
        } finally {
            stopped.countDown();
        }
        return 0;
    }

    /** What runs, where, and whether it blocks anybody; a port below 0 is not served. */
    static List<String> lines(LocalConfig config, int consolePort, int httpPort) {
        List<String> lines = new ArrayList<>();
        for (LocalConfig.Host host : config.hosts()) {
            lines.add("  log      " + host.logs() + " of " + host.id());
            lines.add(
                    host.map() == null
                            ? "  map      none: only watching, nobody is blocked; give 'map' to enforce"
                            : "  map      " + host.map() + ": blocked accounts and addresses are refused"
                                    + " where Postfix consults it ('postbrake postfix check' says whether)");
        }
        if (config.quotas() != null) {
            lines.add("  quotas   " + config.quotas().where()
                    + ": what is beyond a ceiling is refused where Postfix asks there (docs/policy-server.md)");
        }
        lines.add("  data     " + config.dataDir());
        lines.add("  console  "
                + (consolePort < 0
                        ? "none"
                        : "http://127.0.0.1:" + consolePort
                                + "/ ('postbrake console' prints the address that lets you in)"));
        lines.add("  metrics  "
                + (httpPort < 0
                        ? "none"
                        : "http://127.0.0.1:" + httpPort + "/metrics, /health says whether it is at work"));
        lines.add("  alerts   " + told(config.receivers().keySet()));
        return lines;
    }

    private static String told(Collection<String> receivers) {
        return receivers.isEmpty()
                ? "nobody is told: give 'receivers', such as {postmaster: {mail.to: postmaster@example.net}}"
                : receivers.stream().map(Receivers::section).collect(Collectors.joining(", ", "told by ", ""));
    }
}
