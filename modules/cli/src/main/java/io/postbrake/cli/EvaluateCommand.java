package io.postbrake.cli;

import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.simulator.Evaluation;
import io.postbrake.simulator.Patience;
import io.postbrake.simulator.Reading;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures detection on made-up fleets beside fixed limits. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = "Guard made-up fleets with known attacks, and print how detection and fixed limits did.")
final class EvaluateCommand implements Callable<Integer> {

    @Option(names = "--seed", description = "First seed; default ${DEFAULT-VALUE}, where the judging seeds begin.")
    private long seed = 1000;

    @Option(names = "--seeds", description = "How many fleets; default ${DEFAULT-VALUE}.")
    private int seeds = 3;

    @Option(names = "--users", description = "Accounts of a fleet; default ${DEFAULT-VALUE}.")
    private int users = 2000;

    @Option(names = "--days", description = "Days of a fleet; default ${DEFAULT-VALUE}.")
    private int days = 30;

    @Option(names = "--guards", description = "ALL, POSTBRAKE or BASELINES; default ${DEFAULT-VALUE}.")
    private Evaluation.Contenders guards = Evaluation.Contenders.ALL;

    @Option(names = "--tuning", description = "Leave out the kinds that are held out for judging.")
    private boolean tuning;

    @Option(
            names = "--learn",
            paramLabel = "DAYS",
            description =
                    "Days before the judged ones whose logs are learnt, as learn does it; shown beside a Postbrake"
                            + " that knows nothing of them and one that guarded the fleet on them.")
    private int history;

    @Option(
            names = "--patience",
            description =
                    "Instead of fleets: thieves who send one message a day for some days before their burst, --seeds"
                            + " of them for each line.")
    private boolean patience;

    @Option(
            names = "--reading",
            description =
                    "Instead of judging who sends: the fleets' mailboxes are read too, by some thieves before they send; with"
                            + " Dovecot's lines and without.")
    private boolean reading;

    @Option(
            names = "--beside",
            paramLabel = "NAME=DIR",
            description =
                    "Instead of guarding them: write the fleets' logs, have this build and the one whose jars are in DIR"
                            + " replay them, and score both as if their blocks had been in force; may be given again.")
    private Map<String, Path> beside = Map.of();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        atLeast("--seeds", seeds, 1);
        atLeast("--users", users, 50);
        atLeast("--days", days, history > 0 ? 3 : 5);
        atLeast("--learn", history, 0);
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (patience) {
            out.print(Patience.table(new Patience(DetectionConfig.defaults(), seeds, seed).run()));
            out.flush();
            return 0;
        }
        List<Long> all = LongStream.range(seed, seed + seeds).boxed().toList();
        Consumer<String> progress = sentence -> {
            err.println(sentence);
            err.flush();
        };
        if (!beside.isEmpty()) {
            out.println(new OtherBuilds(beside).judge(all, users, days, progress));
            out.flush();
            return 0;
        }
        if (reading) {
            out.print(Reading.table(new Reading(users, days).run(all, progress)));
            out.flush();
            return 0;
        }
        var evaluation = new Evaluation(users, days, DetectionConfig.defaults(), guards, tuning, history);
        out.println(evaluation.run(all, progress));
        out.flush();
        return 0;
    }

    private static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(option + " is " + value + ": give " + least + " or more");
        }
    }
}
