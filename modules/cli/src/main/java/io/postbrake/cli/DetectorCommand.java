package io.postbrake.cli;

import io.postbrake.app.Detector;
import io.postbrake.app.DetectorConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the detector service against a cluster until it is told to stop. */
@Command(name = "detector", mixinStandardHelpOptions = true, description = "Run the detector against a cluster.")
final class DetectorCommand implements Callable<Integer> {

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "YAML file of the detector.")
    private Path config;

    @Option(
            names = "--advertise",
            paramLabel = "HOST:PORT",
            description = "Where other instances reach this one's console; stands over the file's.")
    private String advertised;

    @Option(
            names = "--instance",
            paramLabel = "NAME",
            description =
                    "By what name this instance takes its place again after a restart, such as its pod's; stands over"
                            + " the file's instance.id.")
    private String instance;

    @Override
    public Integer call() throws Exception {
        Detector detector = Detector.start(DetectorConfig.read(config, advertised, instance));
        Runtime.getRuntime().addShutdownHook(new Thread(detector::close));
        detector.awaitEnd();
        return 0;
    }
}
