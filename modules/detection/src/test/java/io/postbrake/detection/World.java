package io.postbrake.detection;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.geo.GeoInfo;
import io.postbrake.geo.GeoLookup;
import io.postbrake.state.OpenMessage;
import io.postbrake.state.SubjectState;
import io.postbrake.state.Watermark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The core without Kafka: hosts, subjects, and everything that came out. */
final class World implements CorrelationState {
    static final String HOME = "192.0.2.10";
    static final String BRAZIL = "198.51.100.7";
    static final String SPAIN = "203.0.113.9";
    /** Files of countries know of these two the middle only, and not how far that may be off. */
    static final String SOMEWHERE_NEAR = "192.0.2.200";

    static final String SOMEWHERE_FAR = "192.0.2.201";
    static final GeoLookup GEO = ip -> switch (ip) {
        case HOME -> new GeoInfo("DE", "Berlin", 52.52, 13.40, 20.0, 64500L, "Home Net", "192.0.2.0/24");
        case BRAZIL -> new GeoInfo("BR", "Recife", -8.05, -34.90, 50.0, 64501L, "Away Net", "198.51.100.0/24");
        case SPAIN -> new GeoInfo("ES", "Madrid", 40.41, -3.70, 20.0, 64502L, "Sol Net", "203.0.113.0/24");
        case SOMEWHERE_NEAR -> new GeoInfo("UA", null, 49.0, 32.0, null, null, null, null);
        case SOMEWHERE_FAR -> new GeoInfo("AR", "", -34.0, -64.0, null, null, null, null);
        default -> GeoInfo.UNKNOWN;
    };

    final Map<String, SubjectState> states = new TreeMap<>();
    final List<Submission> submissions = new ArrayList<>();
    /** How often a message or a session was looked for. */
    int lookups;

    final List<Finding> findings = new ArrayList<>();
    final List<Alert> alerts = new ArrayList<>();
    final List<String> forgotten = new ArrayList<>();
    final List<Block> puts = new ArrayList<>();
    final Map<String, Block> blocks = new TreeMap<>();
    final Map<String, Instant> deadlines = new HashMap<>();

    private final Map<String, OpenMessage> messages = new HashMap<>();
    private final Map<String, Watermark> watermarks = new HashMap<>();
    private final Correlator correlator = new Correlator(GEO);
    private SubjectEngine engine;
    private Brake brake = Brake.RELEASED;
    private String host = "mx1";
    private boolean strict = true;
    private long position;
    private long queue;

    World() {
        this(DetectionConfig.defaults());
    }

    World(DetectionConfig config) {
        engine = new SubjectEngine(config);
    }

    /** Without the proof at each input that the state before it stays as it is, for tests with very many. */
    World quick() {
        strict = false;
        return this;
    }

    /** From the next input on, this configuration holds. */
    void configured(DetectionConfig config) {
        engine = new SubjectEngine(config);
    }

    MailEvent.Builder event(String kind, Instant at) {
        return MailEvent.newBuilder()
                .setKind(kind)
                .setHostId("mx1")
                .setSourceId("log")
                .setGeneration(0)
                .setPosition(++position)
                .setOccurredAt(at)
                .setReadAt(at);
    }

    /** A whole message: login, queue, delivery, end. */
    void sends(String login, String ip, Instant at) {
        sends(login, ip, at, 1);
    }

    void sends(String login, String ip, Instant at, long recipients) {
        String id = "Q" + ++queue;
        receives(event("client", at).setQueueId(id).setClientIp(ip).setSaslUsername(login));
        receives(event("queued", at).setQueueId(id).setNrcpt(recipients));
        receives(event("delivery", at).setQueueId(id).setStatus("sent").setRelay("mx.example.org[192.0.2.99]:25"));
        receives(event("removed", at).setQueueId(id));
    }

    void fails(String login, String ip, Instant at) {
        receives(event("auth_failed", at).setClientIp(ip).setSaslUsername(login));
    }

    void refuses(String login, String ip, Instant at, String host, String reference) {
        receives(event("rejected", at)
                .setHostId(host)
                .setSourceId(host)
                .setClientIp(ip)
                .setSaslUsername(login)
                .setBlockRef(reference));
    }

    void receives(MailEvent.Builder event) {
        receives(event.build());
    }

    private void receives(MailEvent event) {
        host = event.getHostId();
        correlator.accept(event, this, s -> {
            submissions.add(s);
            SubjectKeys.of(s).forEach(key -> tell(key, new Input.Activity(s)));
        });
        host = "mx1";
    }

    /** Everything in order of arrival, with a tick at each whole second at which something is due, as live. */
    void run(List<Traffic.Arrival> arrivals) {
        strict = false;
        for (Traffic.Arrival arrival : arrivals) {
            ticksUpTo(arrival.at());
            if (arrival.event() != null) {
                receives(arrival.event());
            } else {
                tell(SubjectKeys.account(arrival.word().getSubject()), new Input.Word(arrival.word()));
            }
        }
    }

    void ticksUpTo(Instant until) {
        while (true) {
            Instant due =
                    deadlines.values().stream().min(Comparator.naturalOrder()).orElse(Instant.MAX);
            if (due.isAfter(until)) {
                return;
            }
            long second = Math.floorDiv(due.toEpochMilli() + 999, 1000L);
            Instant tick = Instant.ofEpochSecond(second);
            if (tick.isAfter(until)) {
                return;
            }
            new TreeMap<>(deadlines).forEach((key, deadline) -> {
                if (!deadline.isAfter(tick)) {
                    tick(key, tick);
                }
            });
        }
    }

    /** Another process with what the stores and topics kept. */
    World restarted() {
        World resumed = new World();
        states.forEach((key, state) -> resumed.states.put(key, readBack(state)));
        resumed.brake = Brake.of(resumed.states.get(Brake.KEY));
        resumed.submissions.addAll(submissions);
        resumed.findings.addAll(findings);
        resumed.alerts.addAll(alerts);
        resumed.puts.addAll(puts);
        resumed.blocks.putAll(blocks);
        resumed.deadlines.putAll(deadlines);
        resumed.messages.putAll(messages);
        resumed.watermarks.putAll(watermarks);
        return resumed;
    }

    void says(String verb, String login, Instant at, Instant endsAt) {
        tell(
                SubjectKeys.account(login),
                new Input.Word(new OperatorOverride(login, "sasl_user", verb, null, "ann", "checked", at, endsAt)));
    }

    void tick(String key, Instant at) {
        tell(key, new Input.Tick(at));
    }

    void tell(String key, Input in) {
        SubjectState before = states.get(key);
        String untouched = strict ? String.valueOf(before) : "";
        Outputs out = engine.accept(before, key, in, brake);
        if (key.equals(Brake.KEY)) {
            brake = Brake.of(out.state());
        }
        if (strict && !String.valueOf(before).equals(untouched)) {
            throw new AssertionError("The state that went in was changed");
        }
        if (out.state() == null) {
            states.remove(key);
        } else {
            states.put(key, readBack(out.state()));
        }
        if (out.deadline() == null) {
            deadlines.remove(key);
        } else {
            deadlines.put(key, out.deadline());
        }
        findings.addAll(out.findings());
        alerts.addAll(out.alerts());
        forgotten.addAll(out.forgotten());
        if (out.block() instanceof Outputs.BlockChange.Put put) {
            puts.add(put.block());
            blocks.put(key, put.block());
        } else if (out.block() instanceof Outputs.BlockChange.Lift) {
            blocks.remove(key);
        }
        for (Finding f : out.findings()) {
            String to = f.getSubjectType() + ":" + f.getSubject();
            if (!to.equals(key)) {
                tell(to, new Input.Opinion(f));
            }
        }
    }

    /** What a state store gives back. */
    private static SubjectState readBack(SubjectState state) {
        try {
            return SubjectState.fromByteBuffer(state.toByteBuffer());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Block blockOf(String login) {
        return blocks.get(SubjectKeys.account(login));
    }

    SubjectState stateOf(String login) {
        return states.get(SubjectKeys.account(login));
    }

    List<Finding> findingsOf(String detector) {
        return findings.stream().filter(f -> f.getDetector().equals(detector)).toList();
    }

    List<String> alertStatesOf(String subject) {
        return alerts.stream()
                .filter(a -> a.getSubject().equals(subject))
                .map(Alert::getState)
                .toList();
    }

    List<String> alertStates() {
        return alerts.stream().map(Alert::getState).toList();
    }

    @Override
    public OpenMessage message(String queueId) {
        lookups++;
        return messages.get(host + "/" + queueId);
    }

    @Override
    public void putMessage(String queueId, OpenMessage message) {
        messages.put(host + "/" + queueId, message);
    }

    @Override
    public void removeMessage(String queueId) {
        messages.remove(host + "/" + queueId);
    }

    @Override
    public Watermark watermark(String sourceId, long generation) {
        return watermarks.get(host + "/" + sourceId + "/" + generation);
    }

    @Override
    public void putWatermark(Watermark watermark) {
        watermarks.put(host + "/" + watermark.getSourceId() + "/" + watermark.getGeneration(), watermark);
    }
}
