package io.postbrake.cli;

import io.postbrake.alert.Alert;
import io.postbrake.block.OperatorOverride;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.subject.IpNetwork;
import io.postbrake.wire.Topics;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Why an account or address is blocked or suspected, from the topics alone. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Show why: what was usual, what happened, what the detectors say, what you can do.")
final class ExplainCommand implements Callable<Integer> {

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "SUBJECT", description = "Login, client address or network.")
    private String subject;

    @Option(
            names = "--since",
            defaultValue = "7d",
            paramLabel = "DURATION",
            description = "How far back to read; default 7d.")
    private Duration since;

    @Mixin
    private KnownOptions known;

    @Option(names = "--json", description = "As JSON, with all that was read.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        OverrideWriter.Target target = OverrideWriter.Target.of(subject);
        Map<String, OperatorOverride> said = TopicReader.newest(cluster.kafka(), cluster.registry(), Topics.OVERRIDES);
        Story story = story(target, WordsInForce.of(said));
        List<OperatorOverride> notes = SubjectNotes.of(said).on(target.key());
        if (notes.isEmpty() && story.isEmpty() && !known.allows(cluster, target)) {
            return ExitCodes.UNKNOWN_SUBJECT;
        }
        if (json) {
            Json.print(out, json(story, notes));
        } else {
            var times = new Times(Instant.now(), ZoneId.systemDefault());
            new StoryPicture(target, story, times, Ansi.AUTO.enabled()).lines().forEach(out::println);
            if (!notes.isEmpty()) {
                out.println();
                out.println("NOTES");
                SubjectNotes.lines(notes, times).forEach(out::println);
            }
            out.flush();
        }
        return ExitCodes.DONE;
    }

    private Story story(OverrideWriter.Target target, Map<String, OperatorOverride> words) throws Exception {
        var kafka = cluster.kafka();
        var registry = cluster.registry();
        String name = target.name();
        String key = target.key();
        IpNetwork net = target.isAccount() ? null : IpNetwork.parse(name).orElse(null);
        Instant from = Instant.now().minus(since);
        List<Alert> alerts = new ArrayList<>(
                TopicReader.newest(kafka, registry, Topics.ALERTS).values());
        var blocks = TopicReader.newest(kafka, registry, Topics.BLOCKS, key);
        List<Finding> findings = TopicReader.ofKey(kafka, registry, Topics.FINDINGS, key, from);
        List<Submission> submissions = TopicReader.ofKey(kafka, registry, Topics.MAIL_SUBMISSIONS, name, from);
        OperatorOverride network = net == null ? null : around(net, words.values(), Instant.now());
        boolean enforced = TopicReader.newest(kafka, registry, Topics.ENFORCEMENT).values().stream()
                .anyMatch(report -> report.getKind().equals("host"));
        Story story = Story.of(name, alerts, blocks, words.get(key), findings, submissions, since)
                .under(network);
        return enforced ? story : story.onlyWatched();
    }

    /** The operators' block that stands of the narrowest network around it; null for none. */
    static OperatorOverride around(IpNetwork net, Collection<OperatorOverride> words, Instant now) {
        OperatorOverride narrowest = null;
        int prefix = -1;
        for (OperatorOverride word : words) {
            IpNetwork wider = word.getSubjectType().equals("client_net") && Story.blocks(word, now)
                    ? IpNetwork.parse(word.getSubject()).orElse(null)
                    : null;
            if (wider != null && wider.prefix() < net.prefix() && wider.prefix() > prefix && wider.contains(net)) {
                narrowest = word;
                prefix = wider.prefix();
            }
        }
        return narrowest;
    }

    private static Map<String, Object> json(Story story, List<OperatorOverride> notes) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("subject", story.subject());
        result.put("incident", story.alert() == null ? null : Json.of(story.alert()));
        result.put("block", story.block() == null ? null : Json.of(story.block()));
        result.put("override", story.word() == null ? null : Json.of(story.word()));
        if (story.network() != null) {
            result.put("network_override", Json.of(story.network()));
        }
        result.put("notes", Json.of(notes));
        result.put("usual_places", Story.places(story.before()));
        result.put("places", Story.places(story.since()));
        result.put("findings", Json.of(story.findings()));
        result.put("submissions", Json.of(story.submissions()));
        return result;
    }
}
