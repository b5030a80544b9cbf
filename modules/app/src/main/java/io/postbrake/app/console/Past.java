package io.postbrake.app.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.alert.Alert;
import io.postbrake.streams.EndedIncidents;
import io.postbrake.streams.OpenIncidentIndex;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** Incidents that ended in the last days, as this instance's state has them. */
final class Past {

    private static final int MOST = 30;
    private static final Comparator<KeyValue<String, Alert>> NEWEST_FIRST = Comparator.comparing(
                    (KeyValue<String, Alert> entry) -> entry.value.getUpdatedAt())
            .reversed();

    /** An incident is taken out of the index a moment before it is kept among those that ended. */
    private static final Duration STALE = Duration.ofSeconds(15);

    private record Seen(ArrayNode incidents, long endings, long until) {}

    private final Stores stores;
    private final OpenIncidentIndex index;
    private volatile Seen seen;

    Past(Stores stores, OpenIncidentIndex index) {
        this.stores = stores;
        this.index = index;
    }

    /** The newest of all subjects. They are read again when one more ended: each page asks every few seconds. */
    ArrayNode newest() {
        long endings = index.endings();
        Seen before = seen;
        if (before == null || before.endings() != endings || System.nanoTime() - before.until() > 0) {
            before = new Seen(brief(sorted(store().all()), MOST), endings, System.nanoTime() + STALE.toNanos());
            seen = before;
        }
        return before.incidents().deepCopy();
    }

    /** All of one subject, whole, the newest first. */
    ArrayNode of(String subjectKey) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        entries(subjectKey).forEach(entry -> all.add(AvroJson.of(entry.value)));
        return all;
    }

    /** The newest of one subject, without its evidence. */
    ArrayNode newest(String subjectKey) {
        return brief(entries(subjectKey), 1);
    }

    /** Subjects whose key has {@code text}, or of which an incident has this id or a block this reference. */
    Set<String> subjects(String text) {
        Set<String> found = new TreeSet<>();
        for (KeyValue<String, Alert> entry : sorted(store().all())) {
            String subject = EndedIncidents.subjectOf(entry.key);
            if (subject.contains(text) || isNamed(entry.value, text)) {
                found.add(subject);
            }
        }
        return found;
    }

    /** Whether {@code text} looks like an incident's id or a block's reference. */
    static boolean isName(String text) {
        return reference(text).matches("[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?");
    }

    /** Whether {@code text} is an incident's id, or its block's reference as replies have it. */
    static boolean isNamed(Alert incident, String text) {
        return text.equals(incident.getIncidentId().toString())
                || reference(text).equals(incident.getReference());
    }

    /** The reference of a block in what a person copied from a reply: {@code [pb:53cc05e4]}. */
    static String reference(String text) {
        return text.replaceAll("^\\[?pb:|]$", "");
    }

    private List<KeyValue<String, Alert>> entries(String subjectKey) {
        return sorted(store().prefixScan(EndedIncidents.keysOf(subjectKey), new StringSerializer()));
    }

    private ReadOnlyKeyValueStore<String, Alert> store() {
        return stores.open(EndedIncidents.STORE);
    }

    private static List<KeyValue<String, Alert>> sorted(KeyValueIterator<String, Alert> entries) {
        List<KeyValue<String, Alert>> found = new ArrayList<>();
        try (entries) {
            entries.forEachRemaining(found::add);
        }
        found.sort(NEWEST_FIRST);
        return found;
    }

    private static ArrayNode brief(List<KeyValue<String, Alert>> newestFirst, int most) {
        ArrayNode incidents = JsonNodeFactory.instance.arrayNode();
        newestFirst.stream().limit(most).forEach(entry -> {
            ObjectNode incident = (ObjectNode) AvroJson.of(entry.value);
            incident.remove("evidence");
            incident.put("key", EndedIncidents.subjectOf(entry.key));
            incidents.add(incident);
        });
        return incidents;
    }
}
