package io.postbrake.cli;

import io.postbrake.block.OperatorOverride;
import io.postbrake.wire.OperatorNotes;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes down what an operator knows of a subject, or that he looks after its incident; mail goes on as it does. */
@Command(
        name = "note",
        mixinStandardHelpOptions = true,
        description =
                "Note something of an account, an address or a network, or acknowledge its incident. It changes nothing for mail.")
final class NoteCommand implements Callable<Integer> {

    private static final String IN_CHARGE = "looks after it";
    private static final int LONGEST = 500;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private KnownOptions known;

    @Parameters(paramLabel = "SUBJECT", description = "As 'postbrake block' takes it.")
    private String subject;

    @Option(names = "--text", paramLabel = "TEXT", description = "What to write down, at most 500 characters.")
    private String text;

    @Option(
            names = "--acknowledge",
            description = "You look after the subject's open incident: list and the console show it so. Needs no text.")
    private boolean acknowledge;

    @Option(names = "--actor", description = "What stands behind user@host of this terminal as the one who says it.")
    private String actor;

    @Option(names = "--json", description = "Print the record as JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        String note = text == null || text.isBlank() ? acknowledge ? IN_CHARGE : "" : text.strip();
        if (note.isEmpty() || note.length() > LONGEST) {
            throw new ParameterException(
                    spec.commandLine(), "--text has " + note.length() + " characters: give 1 to " + LONGEST);
        }
        OverrideWriter.Target target = OverrideWriter.Target.of(subject);
        if (target.type().equals(OverrideWriter.Target.DOMAIN)) {
            throw new ParameterException(
                    spec.commandLine(), "SUBJECT is '" + Text.plain(subject) + "': nothing is noted of domains");
        }
        if (!known.allows(cluster, target)) {
            return ExitCodes.UNKNOWN_SUBJECT;
        }
        OperatorOverride said = new OverrideWriter(cluster)
                .note(acknowledge ? OperatorNotes.ACKNOWLEDGE : OperatorNotes.NOTE, target, note, Actor.here(actor));
        var out = spec.commandLine().getOut();
        if (json) {
            Json.print(out, Json.of(said));
        } else {
            out.println(Text.plain(said.getVerb() + " " + said.getSubject() + ", by " + said.getActor()));
        }
        out.flush();
        return ExitCodes.DONE;
    }
}
