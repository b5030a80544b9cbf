package io.postbrake.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.postbrake.mail.PlainText;
import io.postbrake.replay.Replay;
import io.postbrake.replay.ReplaySummary;
import io.postbrake.report.HtmlReport;
import io.postbrake.report.Report;
import io.postbrake.report.ReportBuilder;
import io.postbrake.report.TextReport;
import io.postbrake.settings.OwnerOnlyFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What would have been blocked, what is normal, and whom to ask before anything is. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description =
                "Say what would have been blocked and why, what is normal for each account, which accounts need a"
                        + " word, and what fixed limits would have done: of logs, or of what a running 'up' or fleet was shipped.")
final class ReportCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .addModule(new SimpleModule()
                    .addSerializer(Instant.class, ToStringSerializer.instance)
                    .addSerializer(LocalDate.class, ToStringSerializer.instance))
            .build();

    /** How the report is written. */
    enum Format {
        text,
        html,
        json
    }

    @Mixin
    private HistoryOptions history;

    @Option(
            names = "--since",
            paramLabel = "DURATION",
            description = "Count the last of this time only, such as 7d; what came before is taken as history.")
    private Duration since;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
    private Format format = Format.text;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write there, mode 0600, instead of to standard output.")
    private Path out;

    @Option(names = "--zone", paramLabel = "ZONE", description = "Time zone of days and hours; default this machine's.")
    private String zone;

    @Option(names = "--top", paramLabel = "ROWS", description = "Rows of each table of text; default ${DEFAULT-VALUE}.")
    private int top = 20;

    @Option(
            names = "--mail",
            paramLabel = "RECEIVER",
            description = "Mail it as text to this receiver of the file in --config, as 'receivers' there has it with"
                    + " mail.to, instead of printing it.")
    private String receiver;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        history.checkOrTopic();
        if (top < 1) {
            throw new ParameterException(spec.commandLine(), "--top is " + top + ": give 1 or more");
        }
        if (receiver != null && (out != null || format != Format.text)) {
            throw new ParameterException(spec.commandLine(), "--mail sends text: leave --out and --format out");
        }
        ReportMail mail =
                receiver == null ? null : ReportMail.to(receiver, history.logs().configFile());
        Instant from = since == null ? Instant.MIN : Instant.now().minus(since);
        var builder = new ReportBuilder(from, zone());
        ReplaySummary summary = history.over(
                Replay.builder()
                        .geo(history.logs().geoOrOfConfig())
                        .config(history.logs().config().enforcingFrom(Instant.MIN))
                        .listener(builder),
                spec.commandLine().getErr());
        if (!summary.understood()) {
            spec.commandLine().getErr().println(ReplayCommand.nothingUnderstood(summary));
            return ExitCodes.FAILED;
        }
        if (summary.last().isBefore(from)) {
            spec.commandLine()
                    .getErr()
                    .println("nothing was read of the time since " + from + ": the last line is of " + summary.last());
            return ExitCodes.FAILED;
        }
        Report report = builder.report(summary.first(), summary.last());
        if (mail != null) {
            mail.send(report, text(report, text -> PlainText.of(text, 300)));
        } else {
            write(written(report));
        }
        return ExitCodes.DONE;
    }

    private ZoneId zone() {
        try {
            return zone == null ? ZoneId.systemDefault() : ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw new ParameterException(
                    spec.commandLine(), "--zone is '" + zone + "': give one such as Europe/Berlin or UTC");
        }
    }

    private String written(Report report) throws JsonProcessingException {
        return switch (format) {
            case text -> text(report, Text::plain);
            case html -> new HtmlReport(report).page();
            case json -> JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n";
        };
    }

    private String text(Report report, UnaryOperator<String> harmless) {
        return String.join("\n", new TextReport(report, harmless, top).lines()) + "\n";
    }

    /** It names people and whom they write to: nobody else's business on this machine. */
    private void write(String text) throws IOException {
        if (out == null) {
            PrintWriter to = spec.commandLine().getOut();
            to.print(text);
            to.flush();
            return;
        }
        try {
            OwnerOnlyFile.write(out.toAbsolutePath(), text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IOException("--out is '" + out + "', which cannot be written (" + e + ")", e);
        }
    }
}
