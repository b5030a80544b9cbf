package io.postbrake.simulator;

import io.postbrake.detection.Brake;
import io.postbrake.detection.CorrelationState;
import io.postbrake.detection.Correlator;
import io.postbrake.detection.DetectionConfig;
import io.postbrake.detection.Input;
import io.postbrake.detection.Outputs;
import io.postbrake.detection.SubjectEngine;
import io.postbrake.detection.SubjectKeys;
import io.postbrake.event.MailEvent;
import io.postbrake.finding.Finding;
import io.postbrake.geo.GeoLookup;
import io.postbrake.postfixlog.LineOrigin;
import io.postbrake.postfixlog.PostfixLogParser;
import io.postbrake.simulator.PostfixLines.Line;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.SubjectState;
import io.postbrake.state.Watermark;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Postbrake in a closed loop: actions become Postfix lines, lines go through parser, correlator and engine, and blocks
 * change what Postfix does with the next message a moment later.
 */
final class PostbrakeGuard implements Guard {
    /** Milliseconds from a decision to its being in force on all hosts; ten times what was measured. */
    private static final long ENFORCED_AFTER = 500;

    private final SubjectEngine engine;
    private final Correlator correlator;
    private final PostfixLines lines;
    private final PriorityQueue<Pending> pending = new PriorityQueue<>(
            Comparator.comparingLong((Pending p) -> p.line().at()).thenComparingLong(Pending::order));
    private final PriorityQueue<Due> deadlines = new PriorityQueue<>(Comparator.comparingLong(Due::at));
    private final Map<String, Host> hosts = new HashMap<>();
    private final Map<String, SubjectState> states = new HashMap<>();
    private final Map<String, Long> deadlineOf = new HashMap<>();
    private final Map<String, Standing> standing = new HashMap<>();
    private final List<Block> blocks = new ArrayList<>();
    private Brake brake = Brake.RELEASED;
    private long order;

    private record Pending(Line line, long order) {}

    private record Due(long at, String key) {}

    private record Standing(Block block, String action, String reference, long since) {}

    PostbrakeGuard(long seed, DetectionConfig config, GeoLookup geo) {
        this.engine = new SubjectEngine(config);
        this.correlator = new Correlator(geo);
        this.lines = new PostfixLines(seed, line -> pending.add(new Pending(line, order++)));
    }

    /** Takes up what old logs taught, as a detector does that finds it on the topic of profiles. */
    void learn(List<SubjectState> profiles) {
        profiles.forEach(p -> tell(p.getSubjectKey(), new Input.Learnt(p)));
    }

    @Override
    public Block offered(Action.Mail m) {
        until(m.at());
        Standing stop = inForce(SubjectKeys.account(m.account()), m.at());
        if (stop == null) {
            stop = inForce(SubjectKeys.client(m.client().ip()), m.at());
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
    public void over() {
        until(Long.MAX_VALUE);
    }

    @Override
    public List<Block> blocks() {
        return blocks;
    }

    /** States as they are now, by subject. */
    Map<String, SubjectState> states() {
        return states;
    }

    private void until(long at) {
        while (!pending.isEmpty() && pending.peek().line().at() <= at) {
            Line line = pending.poll().line();
            ticks(line.at());
            hosts.computeIfAbsent(line.host(), Host::new).reads(line);
        }
        if (at != Long.MAX_VALUE) {
            ticks(at);
        }
    }

    private void ticks(long at) {
        while (!deadlines.isEmpty() && deadlines.peek().at() <= at) {
            Due due = deadlines.poll();
            if (Long.valueOf(due.at()).equals(deadlineOf.get(due.key()))) {
                deadlineOf.remove(due.key());
                tell(due.key(), new Input.Tick(Instant.ofEpochMilli(due.at())));
            }
        }
    }

    private void tell(String subject, Input input) {
        record Message(String key, Input in) {}
        Deque<Message> todo = new ArrayDeque<>();
        todo.add(new Message(subject, input));
        while (!todo.isEmpty()) {
            Message next = todo.poll();
            String key = next.key();
            Outputs out = engine.advance(states.get(key), key, next.in(), brake);
            if (key.equals(Brake.KEY)) {
                brake = Brake.of(out.state());
            }
            if (out.state() == null) {
                states.remove(key);
            } else {
                states.put(key, out.state());
            }
            Long deadline = out.deadline() == null ? null : out.deadline().toEpochMilli();
            if (deadline == null) {
                deadlineOf.remove(key);
            } else if (!deadline.equals(deadlineOf.put(key, deadline))) {
                deadlines.add(new Due(deadline, key));
            }
            block(key, out.block());
            for (Finding f : out.findings()) {
                String to = f.getSubjectType() + ":" + f.getSubject();
                if (!to.equals(key)) {
                    todo.add(new Message(to, new Input.Opinion(f)));
                }
            }
        }
    }

    private void block(String key, Outputs.BlockChange change) {
        if (change instanceof Outputs.BlockChange.Lift) {
            standing.remove(key);
        } else if (change instanceof Outputs.BlockChange.Put put) {
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
    private final class Host implements CorrelationState {
        private final String name;
        private final PostfixLogParser parser = new PostfixLogParser(ZoneOffset.UTC, Year.of(2026));
        private final Map<String, OpenMessage> messages = new HashMap<>();
        private Watermark watermark;
        private long position;

        Host(String name) {
            this.name = name;
        }

        void reads(Line line) {
            var origin = new LineOrigin(name, name, 0, position, Instant.ofEpochMilli(line.at()));
            position += line.text().length + 1;
            MailEvent event = parser.parse(line.text(), 0, line.text().length, origin);
            correlator.accept(event, this, s -> SubjectKeys.of(s).forEach(key -> tell(key, new Input.Activity(s))));
        }

        @Override
        public OpenMessage message(String queueId) {
            return messages.get(queueId);
        }

        @Override
        public void putMessage(String queueId, OpenMessage message) {
            messages.put(queueId, message);
        }

        @Override
        public void removeMessage(String queueId) {
            messages.remove(queueId);
        }

        @Override
        public Watermark watermark(String sourceId, long generation) {
            return watermark;
        }

        @Override
        public void putWatermark(Watermark newest) {
            watermark = newest;
        }
    }
}
