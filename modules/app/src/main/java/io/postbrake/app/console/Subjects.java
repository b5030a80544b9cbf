package io.postbrake.app.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.alert.Alert;
import io.postbrake.detection.profile.UsualRate;
import io.postbrake.state.Bucket;
import io.postbrake.state.SubjectState;
import io.postbrake.streams.DetectorTopology;
import io.postbrake.streams.OpenIncidentIndex;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** What this instance's state knows: interactive queries of the partitions that it has. */
final class Subjects {

    private static final long DAY_HOURS = 24;

    private static final int MOST_FOUND = 50;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Stores stores;
    private final OpenIncidentIndex cases;
    private final Past past;
    private final Notes notes;

    Subjects(Stores stores, OpenIncidentIndex cases, Past past, Notes notes) {
        this.stores = stores;
        this.cases = cases;
        this.past = past;
        this.notes = notes;
    }

    /**
     * Subjects whose login or address begins with {@code text}, and ones with something open or an incident that ended in the
     * last days that have it anywhere; or those of an incident's id or a block's reference.
     */
    ObjectNode find(String text) {
        Set<String> keys = new TreeSet<>();
        boolean name = Past.isName(text);
        cases.each((key, open) -> {
            if (keys.size() < MOST_FOUND && (key.contains(text) || name && isNamed(key, text))) {
                keys.add(key);
            }
        });
        past.subjects(text).stream().limit(MOST_FOUND).forEach(keys::add);
        for (String type : DetectorTopology.SUBJECT_TYPES) {
            String prefix = type + ":" + text;
            try (KeyValueIterator<String, SubjectState> found = store().range(prefix, prefix + '\uffff')) {
                while (found.hasNext() && keys.size() < MOST_FOUND) {
                    KeyValue<String, SubjectState> entry = found.next();
                    keys.add(entry.key);
                }
            }
        }
        ArrayNode subjects = JSON.arrayNode();
        for (String key : keys) {
            SubjectState state = store().get(key);
            if (state != null) {
                ObjectNode found = summary(key, state);
                found.set("ended", past.newest(key));
                subjects.add(found);
            }
        }
        return answer(subjects);
    }

    private boolean isNamed(String key, String text) {
        SubjectState state = store().get(key);
        return state != null
                && (state.getIncident() != null && Past.isNamed(state.getIncident(), text)
                        || state.getBlock() != null
                                && Past.reference(text).equals(state.getBlock().getReference()));
    }

    /** All about one subject; null when it is not known here. */
    ObjectNode one(String key) {
        SubjectState state = store().get(key);
        if (state == null) {
            return null;
        }
        ObjectNode node = summary(key, state);
        node.set("ended", past.of(key));
        ArrayNode said = node.putArray("notes");
        notes.of(key).forEach(note -> said.add(AvroJson.of(note)));
        Alert incident = state.getIncident();
        node.set(
                "acknowledged",
                incident == null ? null : AvroJson.of(notes.acknowledged(key, incident.getStartedAt())));
        for (String field : new String[] {
            "firstSeenAt",
            "messages",
            "activeDays",
            "failureMinutes",
            "usual",
            "networks",
            "findings",
            "underBlock",
            "spentUntil",
            "blocks"
        }) {
            node.set(field, AvroJson.of(state.get(field)));
        }
        node.set("messageHours", hours(state));
        ArrayNode rates = node.putArray("usualRates");
        for (UsualRate rate : UsualRate.of(state)) {
            rates.addObject()
                    .put("minutes", rate.minutes())
                    .put("mean", rate.mean())
                    .put("most", rate.most())
                    .put("learntWindows", rate.learntWindows());
        }
        return node;
    }

    /** Messages of the last day by hour since 1970, the newest first. */
    private static ObjectNode hours(SubjectState state) {
        ObjectNode ring = JSON.objectNode();
        List<Bucket> hours = state.getHours();
        ArrayNode counts = ring.putArray("counts");
        if (hours.isEmpty()) {
            return ring.put("newest", 0);
        }
        long newest = hours.get(hours.size() - 1).getIndex();
        long oldest = Math.max(hours.get(0).getIndex(), newest - DAY_HOURS);
        Map<Long, Long> messages = new HashMap<>();
        hours.forEach(hour -> messages.put(hour.getIndex(), hour.getMessages()));
        for (long hour = newest; hour >= oldest; hour--) {
            counts.add(messages.getOrDefault(hour, 0L));
        }
        return ring.put("newest", newest);
    }

    private ObjectNode answer(ArrayNode subjects) {
        ObjectNode answer = JSON.objectNode();
        answer.set("subjects", subjects);
        ArrayNode partitions = answer.putArray("partitions");
        stores.partitions().forEach(partitions::add);
        return answer;
    }

    private static ObjectNode summary(String key, SubjectState state) {
        ObjectNode node = JSON.objectNode();
        node.put("key", key);
        node.set("incident", AvroJson.of(state.getIncident()));
        node.set("block", AvroJson.of(state.getBlock()));
        node.set("word", AvroJson.of(state.getWord()));
        node.set("lastSeenAt", AvroJson.of(state.getLastSeenAt()));
        node.set("activeAt", AvroJson.of(state.getActiveAt()));
        return node;
    }

    private ReadOnlyKeyValueStore<String, SubjectState> store() {
        return stores.open(DetectorTopology.SUBJECT_STATES);
    }
}
