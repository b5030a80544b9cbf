package io.postbrake.detection.decision;

import io.postbrake.block.Block;
import io.postbrake.detection.brake.Brake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.detector.Detector;
import io.postbrake.detection.profile.Learning;
import io.postbrake.detection.profile.Strangers;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.PulledBrake;
import io.postbrake.state.SubjectState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;

/** Decides about one subject: state and input in, state and outputs out. No clock, no randomness. */
public final class SubjectEngine {
    /** What the fields of a state hold before anything is known, where it is not what a new object has anyway. */
    private static final Map<Integer, Object> BLANK = new LinkedHashMap<>();

    /** Fields that hold a list, empty at first. */
    private static final int[] LISTS;

    static {
        SubjectState blank = SubjectState.newBuilder().setSubjectKey("").build();
        SubjectState empty = new SubjectState();
        List<Integer> lists = new ArrayList<>();
        for (Schema.Field field : SubjectState.getClassSchema().getFields()) {
            Object value = blank.get(field.pos());
            if (value instanceof List) {
                lists.add(field.pos());
            } else if (!Objects.equals(value, empty.get(field.pos()))) {
                BLANK.put(field.pos(), value);
            }
        }
        LISTS = lists.stream().mapToInt(Integer::intValue).toArray();
    }

    private final DetectionConfig config;
    private final List<Detector> detectors;

    public SubjectEngine(DetectionConfig config) {
        this.config = config;
        this.detectors = config.detectors().ofSubmissions();
    }

    /** As below while no brake is pulled. */
    public Outputs accept(SubjectState stateOrNull, String subjectKey, Input in) {
        return accept(stateOrNull, subjectKey, in, Brake.RELEASED);
    }

    /** What {@code in} leads to while {@code brake} holds; {@code stateOrNull} is left as it is. */
    public Outputs accept(SubjectState stateOrNull, String subjectKey, Input in, Brake brake) {
        if (stateOrNull == null || subjectKey.equals(SubjectKeys.FLEET)) {
            return advance(stateOrNull, subjectKey, in, brake);
        }
        return advance(copy(stateOrNull), subjectKey, in, brake);
    }

    /**
     * As {@link #accept}, with the same outputs, but the state that goes in becomes the one that comes out: for a caller that
     * keeps states in memory and gives back only what this method gave, or what {@link #own} took up.
     */
    public Outputs advance(SubjectState ownOrNull, String subjectKey, Input in, Brake brake) {
        if (subjectKey.equals(Brake.KEY)) {
            return brake(ownOrNull, in);
        }
        if (subjectKey.equals(SubjectKeys.FLEET)) {
            return fleet(ownOrNull, in);
        }
        if (in instanceof Input.Learnt learnt && !Learning.helps(learnt.profile(), ownOrNull, subjectKey)) {
            return new AccountReducer(ownOrNull, config, detectors, brake).unchanged();
        }
        SubjectState state = ownOrNull;
        if (state == null) {
            state = fresh(subjectKey);
        }
        AccountReducer reducer = new AccountReducer(state, config, detectors, brake);
        if (in instanceof Input.Activity activity) {
            reducer.activity(activity.submission());
        } else if (in instanceof Input.Opinion opinion) {
            reducer.opinion(opinion.finding());
        } else if (in instanceof Input.Word word) {
            reducer.word(word.override());
        } else if (in instanceof Input.Waiting waiting) {
            reducer.waiting(waiting.report());
        } else if (in instanceof Input.Learnt learnt) {
            reducer.learn(copy(learnt.profile()));
        } else if (in instanceof Input.Renamed renamed) {
            reducer.takeOver(copy(renamed.state()));
            return Renaming.tookOver(apart(reducer.outputs()), renamed.state());
        } else if (in instanceof Input.Tick tick) {
            reducer.tick(tick.now());
        }
        return apart(reducer.outputs());
    }

    /** The subject leaves the key that an earlier build kept it under; its block stays until the new key has it. */
    public static Outputs leave(SubjectState state) {
        return new Outputs(
                null,
                List.of(),
                List.of(),
                List.of(),
                new Outputs.BlockChange.None(),
                null,
                null,
                new Outputs.Rename.Leaves(state));
    }

    /** A state with nothing in it: most clients' states live for a minute, so a builder would cost more than all else. */
    private static SubjectState fresh(String subjectKey) {
        SubjectState state = new SubjectState();
        for (int field : LISTS) {
            state.put(field, new ArrayList<>());
        }
        BLANK.forEach(state::put);
        state.setSubjectKey(subjectKey);
        return state;
    }

    private static SubjectState copy(SubjectState state) {
        SubjectState copy = SubjectState.newBuilder(state).build();
        withPlainLists(copy);
        return copy;
    }

    /** What the subjects of a partition know of the brake. */
    private static Outputs brake(SubjectState stateOrNull, Input in) {
        SubjectState state = stateOrNull;
        if (in instanceof Input.Opinion opinion
                && opinion.finding().getDetector().equals(Brake.ID)) {
            List<PulledBrake> pulled = Brake.read(opinion.finding());
            state = pulled.isEmpty() ? null : fresh(Brake.KEY);
            if (state != null) {
                state.setBrakes(pulled);
            }
        }
        return new Outputs(state, List.of(), List.of(), List.of(), new Outputs.BlockChange.None(), null);
    }

    private Outputs fleet(SubjectState stateOrNull, Input in) {
        if (in instanceof Input.Learnt learnt && Learning.helps(learnt.profile(), stateOrNull, SubjectKeys.FLEET)) {
            SubjectState fleet = stateOrNull == null ? fresh(SubjectKeys.FLEET) : copy(stateOrNull);
            Learning.apply(fleet, copy(learnt.profile()));
            return new Fleet(fleet, config).outputs();
        }
        if (in instanceof Input.Opinion opinion) {
            return new Fleet(stateOrNull, config).told(opinion.finding());
        }
        return in instanceof Input.Tick tick && stateOrNull != null
                ? new Fleet(stateOrNull, config).tick(tick.now())
                : new Outputs(
                        stateOrNull,
                        List.of(),
                        List.of(),
                        List.of(),
                        new Outputs.BlockChange.None(),
                        stateOrNull == null ? null : new Fleet(stateOrNull, config).deadline());
    }

    /** When the subject of a state that was kept next needs a {@link Input.Tick}; null when it does not. */
    public Instant deadline(SubjectState state) {
        return state.getSubjectKey().equals(SubjectKeys.FLEET)
                ? new Fleet(state, config).deadline()
                : new AccountReducer(state, config, detectors, Brake.RELEASED).deadline();
    }

    /**
     * How little would be lost with this state: its number of failed logins, if it has nothing else; -1 when it must be kept.
     * Of those that may go, the fewest failures go first.
     */
    public static long expendable(SubjectState state) {
        return state.getSubjectKey().equals(SubjectKeys.FLEET) ? -1 : Strangers.failures(state);
    }

    /** A block that was told does not change with the state that goes on. */
    private static Outputs apart(Outputs out) {
        if (!(out.block() instanceof Outputs.BlockChange.Put put)) {
            return out;
        }
        var told = new Outputs.BlockChange.Put(Block.newBuilder(put.block()).build());
        return new Outputs(
                out.state(),
                out.findings(),
                out.alerts(),
                out.forgotten(),
                told,
                out.deadline(),
                out.disobeyed(),
                out.rename());
    }

    /** A state that was read from somewhere, made ready for {@link #advance}. */
    public static SubjectState own(SubjectState read) {
        withPlainLists(read);
        return read;
    }

    /** Avro's own list, which a copy or a read record has, cannot remove an element that is named. */
    private static void withPlainLists(SubjectState state) {
        state.setRates(new ArrayList<>(state.getRates()));
        state.setMinutes(new ArrayList<>(state.getMinutes()));
        state.setHours(new ArrayList<>(state.getHours()));
        state.setSenders(new ArrayList<>(state.getSenders()));
        state.setPrograms(new ArrayList<>(state.getPrograms()));
        state.setOrigins(new ArrayList<>(state.getOrigins()));
        state.setNewcomers(new ArrayList<>(state.getNewcomers()));
        state.setUsual(new ArrayList<>(state.getUsual()));
        state.setNetworks(new ArrayList<>(state.getNetworks()));
        state.setPeers(new ArrayList<>(state.getPeers()));
        state.setRecentFailures(new ArrayList<>(state.getRecentFailures()));
        state.setUnansweredLogins(new ArrayList<>(state.getUnansweredLogins()));
        state.setRecentLogins(new ArrayList<>(state.getRecentLogins()));
        state.setRefusedTo(new ArrayList<>(state.getRefusedTo()));
        state.setRefusals(new ArrayList<>(state.getRefusals()));
        state.setResolved(new ArrayList<>(state.getResolved()));
        state.setResidents(new ArrayList<>(state.getResidents()));
        state.setFindings(new ArrayList<>(state.getFindings()));
    }
}
