package io.postbrake.simulator;

import io.postbrake.alert.Alert;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.detection.runtime.DetectionListener;
import io.postbrake.detection.runtime.InMemoryDetection;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.geo.GeoLookup;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import io.postbrake.simulator.PostfixLines.Line;
import io.postbrake.state.SubjectState;
import io.postbrake.subject.IpNetwork;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Postbrake in a closed loop: actions become Postfix lines, lines go through the parser and the detection that replay
 * runs, each when its host writes it, and blocks change what Postfix does with the next message a moment later.
 */
final class PostbrakeGuard implements Guard, DetectionListener {
    /** Milliseconds from a decision to its being in force on all hosts; ten times what was measured. */
    private static final long ENFORCED_AFTER = 500;

    private static final Set<String> TOLD =
            Set.of(SubjectKeys.LOCAL_USER, SubjectKeys.AUTH_SERVER, SubjectKeys.FRONT_END);

    private final InMemoryDetection detection;
    private final DetectionListener watcher;
    private final PostfixLines lines;
    private final PriorityQueue<Pending> pending = new PriorityQueue<>(
            Comparator.comparingLong((Pending p) -> p.line().at()).thenComparingLong(Pending::order));
    private final Map<String, Host> hosts = new HashMap<>();
    private final Map<String, Standing> standing = new HashMap<>();
    private final List<Block> blocks = new ArrayList<>();
    private final List<Told> told = new ArrayList<>();
    private final List<Told> incidents = new ArrayList<>();
    private long order;

    private record Pending(Line line, long order) {}

    private record Standing(Block block, String action, String reference, long since) {}

    PostbrakeGuard(long seed, DetectionConfig config, GeoLookup geo) {
        this(seed, config, geo, (now, subjectKey, input, outputs) -> {});
    }

    /** One whose every step {@code watcher} hears of. */
    PostbrakeGuard(long seed, DetectionConfig config, GeoLookup geo, DetectionListener watcher) {
        this.watcher = watcher;
        this.detection = new InMemoryDetection(geo, config, this);
        this.lines = new PostfixLines(seed, line -> pending.add(new Pending(line, order++)));
    }

    /** Takes up what old logs taught, as a detector does that finds it on the topic of profiles. */
    void learn(List<SubjectState> profiles) {
        profiles.forEach(p -> detection.give(p.getSubjectKey(), new Input.Seed(p)));
    }

    @Override
    public Block offered(Action.Mail m) {
        until(m.at());
        Standing stop = inForce(SubjectKeys.account(m.account()), m.at());
        if (stop == null) {
            stop = inForce(SubjectKeys.client(m.client().ip()), m.at());
        }
        if (stop == null) {
            stop = ofRange(m);
        }
        if (stop == null) {
            lines.accepted(m, null);
            return null;
        }
        switch (stop.action()) {
            case "hold" -> lines.accepted(m, stop.reference());
            case "defer" -> lines.refused(m, true, stop.reference());
            default -> lines.refused(m, false, stop.reference());
        }
        return stop.block();
    }

    private Standing ofRange(Action.Mail m) {
        IpNetwork one = IpNetwork.parse(m.client().ip()).orElseThrow();
        for (int bits : one.address().length == 4 ? new int[] {24} : new int[] {64, 48}) {
            Standing stop =
                    inForce(SubjectKeys.CLIENT_NET + ":" + one.within(bits).cidr(), m.at());
            if (stop != null) {
                return stop;
            }
        }
        return null;
    }

    private Standing inForce(String key, long at) {
        Standing found = standing.get(key);
        return found != null && at >= found.since() + ENFORCED_AFTER ? found : null;
    }

    @Override
    public void failed(Action.Failure f) {
        until(f.at());
        lines.failed(f);
    }

    @Override
    public void read(Action.Login login) {
        until(login.at());
        lines.read(login);
    }

    /** Incidents that began, of any subject. */
    List<Told> incidents() {
        return incidents;
    }

    @Override
    public void submitted(Action.Local local) {
        until(local.at());
        lines.submitted(local);
    }

    @Override
    public List<Told> told() {
        return told;
    }

    @Override
    public void over() {
        until(Long.MAX_VALUE);
    }

    @Override
    public List<Block> blocks() {
        return blocks;
    }

    private void until(long at) {
        while (!pending.isEmpty() && pending.peek().line().at() <= at) {
            Line line = pending.poll().line();
            detection.passTo(Instant.ofEpochMilli(line.at()));
            hosts.computeIfAbsent(line.host(), Host::new).reads(line);
        }
        if (at != Long.MAX_VALUE) {
            detection.passTo(Instant.ofEpochMilli(at));
        }
    }

    @Override
    public void received(MailEvent event) {
        watcher.received(event);
    }

    @Override
    public void submission(Submission submission) {
        watcher.submission(submission);
    }

    @Override
    public void judged(Instant now, String subjectKey, Input input, SubjectOutput outputs) {
        block(subjectKey, outputs.block());
        for (Alert alert : outputs.alerts()) {
            if (alert.getState().equals("FIRING")) {
                incidents.add(new Told(subjectKey, alert.getUpdatedAt().toEpochMilli()));
            }
            if (alert.getState().equals("FIRING") && TOLD.contains(alert.getSubjectType())) {
                told.add(new Told(subjectKey, alert.getUpdatedAt().toEpochMilli()));
            }
        }
        watcher.judged(now, subjectKey, input, outputs);
    }

    private void block(String key, SubjectOutput.BlockChange change) {
        if (change instanceof SubjectOutput.BlockChange.Lift) {
            standing.remove(key);
        } else if (change instanceof SubjectOutput.BlockChange.Put put) {
            io.postbrake.block.Block b = put.block();
            Standing before = standing.get(key);
            if (before != null && before.action().equals(b.getAction())) {
                return;
            }
            long at = b.getDecidedAt().toEpochMilli();
            // A stricter block in place of a milder one is the same block to whoever is stopped by it.
            Block block = before != null
                    ? before.block()
                    : new Block(
                            !b.getSubjectType().equals("sasl_user"), b.getSubject(), at, b.getAction(), b.getReason());
            if (before == null) {
                blocks.add(block);
            }
            standing.put(key, new Standing(block, b.getAction(), b.getReference(), before == null ? at : 0));
        }
    }

    /** One mail host's log as it is read. */
    private final class Host {
        private final String name;
        private final PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, Year.of(FleetLogs.YEAR));
        private long position;

        Host(String name) {
            this.name = name;
        }

        void reads(Line line) {
            var origin = new LineOrigin(name, name, 0, position, Instant.ofEpochMilli(line.at()));
            position += line.text().length + 1;
            detection.receive(parser.parse(line.text(), 0, line.text().length, origin));
        }
    }
}
