package io.postbrake.detection;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.correlation.CorrelationState;
import io.postbrake.detection.decision.Input;
import io.postbrake.detection.decision.SubjectEngine;
import io.postbrake.detection.decision.SubjectOutput;
import io.postbrake.detection.runtime.DetectionListener;
import io.postbrake.detection.runtime.InMemoryDetection;
import io.postbrake.detection.runtime.Stores;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.MailEvent;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.geo.GeoInfo;
import io.postbrake.geo.GeoLookup;
import io.postbrake.geo.Listing;
import io.postbrake.state.SubjectState;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The detection in memory that replay and the simulator run, and everything that came out of it. Time passes when a test says
 * so only. Unless it is {@link #quick}, inputs are judged a second time, from what a store would have kept: the outputs must
 * be the same, and the state that goes in must stay as it is.
 */
final class World implements DetectionListener {
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

    /** So many inputs are judged again, and a few of a longer history, as it repeats itself. */
    private static final int ALL_AGAIN = 400;

    private static final int AGAIN_EVERY = 41;

    /** Each subject's state as a store has it. */
    final KeptStates states = new KeptStates();

    final List<Submission> submissions = new ArrayList<>();
    final List<Finding> findings = new ArrayList<>();
    final List<Alert> alerts = new ArrayList<>();
    final List<String> forgotten = new ArrayList<>();
    final List<SubjectOutput.Disobeyed> disobeyed = new ArrayList<>();
    final List<Block> puts = new ArrayList<>();
    final Map<String, Block> blocks = new TreeMap<>();
    final Map<String, Instant> deadlines = new HashMap<>();

    private InMemoryDetection detection;
    private SubjectEngine again;
    private final Map<String, List<Listing>> listed = new HashMap<>();
    private boolean strict = true;
    private boolean sampled;
    private int inputs;
    private long position;
    private long queue;

    World() {
        this(DetectionConfig.defaults());
    }

    World(DetectionConfig config) {
        detection = new InMemoryDetection(beside(GEO), config, this);
        again = new SubjectEngine(config);
    }

    /** From the next event on, the address is on these lists. */
    void lists(String ip, Listing... on) {
        listed.put(ip, List.of(on));
    }

    private GeoLookup beside(GeoLookup geo) {
        return new GeoLookup() {
            @Override
            public GeoInfo lookup(String ip) {
                return geo.lookup(ip);
            }

            @Override
            public List<Listing> listed(String ip, Long asnOrNull) {
                return listed.getOrDefault(ip, List.of());
            }
        };
    }

    /** Judges each input once only, for tests with very many. */
    World quick() {
        strict = false;
        return this;
    }

    /** From the next input on, this configuration holds. */
    void configured(DetectionConfig config) {
        detection = Stores.restarted(detection, detection.now(), GEO, config, this);
        again = new SubjectEngine(config);
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
        sample();
        detection.receive(event);
    }

    /** Everything in order of arrival, with a tick at each whole second at which something is due, as live. */
    void run(List<Traffic.Arrival> arrivals) {
        strict = false;
        for (Traffic.Arrival arrival : arrivals) {
            ticksUpTo(arrival.at());
            if (arrival.event() != null) {
                receives(arrival.event());
            } else {
                tell(SubjectKeys.account(arrival.word().getSubject()), new Input.Overridden(arrival.word()));
            }
        }
    }

    void ticksUpTo(Instant until) {
        detection.passTo(until);
    }

    /** Another process with what the stores and topics kept. */
    World restarted() {
        World resumed = new World();
        resumed.detection = Stores.restarted(detection, detection.now(), GEO, DetectionConfig.defaults(), resumed);
        resumed.states.putAll(states);
        resumed.submissions.addAll(submissions);
        resumed.findings.addAll(findings);
        resumed.alerts.addAll(alerts);
        resumed.puts.addAll(puts);
        resumed.blocks.putAll(blocks);
        resumed.deadlines.putAll(deadlines);
        return resumed;
    }

    void says(String verb, String login, Instant at, Instant endsAt) {
        tell(
                SubjectKeys.account(login),
                new Input.Overridden(
                        new OperatorOverride(login, "sasl_user", verb, null, "ann", "checked", at, endsAt)));
    }

    void tick(String key, Instant at) {
        tell(key, new Input.Tick(at));
    }

    void tell(String key, Input in) {
        sample();
        detection.give(key, in);
    }

    private void sample() {
        inputs++;
        sampled = strict && (inputs <= ALL_AGAIN || inputs % AGAIN_EVERY == 0);
        if (sampled) {
            states.freeze();
        }
    }

    /** What is kept of a subject was otherwise. */
    void kept(SubjectState state) {
        Stores.put(detection, state);
        states.put(state.getSubjectKey(), state);
    }

    @Override
    public void submission(Submission submission) {
        submissions.add(submission);
    }

    @Override
    public void judged(Instant now, String key, Input in, SubjectOutput out) {
        ByteBuffer after = sampled ? Stores.bytes(out.state()) : null;
        if (sampled && states.frozen(key) && states.frozen(Brake.KEY)) {
            judgedAgain(key, in, out, after);
        }
        if (out.state() == null) {
            states.remove(key);
        } else if (sampled) {
            states.putBytes(key, after);
        } else {
            states.putOwned(key, out.state());
        }
        if (out.deadline() == null) {
            deadlines.remove(key);
        } else {
            deadlines.put(key, out.deadline());
        }
        findings.addAll(out.records());
        alerts.addAll(out.alerts());
        forgotten.addAll(out.forgotten());
        if (out.disobeyed() != null) {
            disobeyed.add(out.disobeyed());
        }
        if (out.block() instanceof SubjectOutput.BlockChange.Put put) {
            puts.add(put.block());
            blocks.put(key, put.block());
        } else if (out.block() instanceof SubjectOutput.BlockChange.Lift) {
            blocks.remove(key);
        }
    }

    private void judgedAgain(String key, Input in, SubjectOutput out, ByteBuffer after) {
        SubjectState before = states.get(key);
        ByteBuffer untouched = states.bytes(key);
        SubjectOutput same = again.accept(before, key, in, Brake.of(states.get(Brake.KEY)));
        if (!Stores.bytes(before).equals(untouched)) {
            throw new AssertionError("The state that went in was changed");
        }
        boolean equal = Stores.bytes(same.state()).equals(after)
                && same.records().toString().equals(out.records().toString())
                && same.alerts().toString().equals(out.alerts().toString())
                && same.forgotten().equals(out.forgotten())
                && same.block().toString().equals(out.block().toString())
                && Objects.equals(same.disobeyed(), out.disobeyed())
                && Objects.equals(same.deadline(), out.deadline());
        if (!equal) {
            throw new AssertionError("From what a store kept comes " + same + " instead of " + out);
        }
    }

    /** One host's memory of its messages and sessions. */
    CorrelationState host(String hostId) {
        return Stores.host(detection, hostId);
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
}
