package io.postbrake.app.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.postbrake.state.SubjectState;
import io.postbrake.streams.DetectorTopology;
import io.postbrake.streams.OpenIncidentIndex;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * Open cases of this instance as a page asks for them: those that a filter takes, sorted, a page of them with what its lines
 * say, and how many there are of each sort. Only the page's own subjects are read from the state.
 */
final class CaseList {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static final int MOST_KEPT = 32;

    private record Asked(CaseFilter filter, CasePage page) {}

    private record Found(ObjectNode answer, long changes, long noted) {}

    private final Map<Asked, Found> found = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Asked, Found> eldest) {
            return size() > MOST_KEPT;
        }
    };
    private final Stores stores;
    private final OpenIncidentIndex index;
    private final Notes notes;
    private final CaseLines lines;

    CaseList(Stores stores, OpenIncidentIndex index, Notes notes) {
        this.stores = stores;
        this.index = index;
        this.notes = notes;
        this.lines = new CaseLines(notes);
    }

    /**
     * The lines of {@code page} and the counts of all that the filter takes; the caller's to add to. While nothing changes, what was
     * found for the same question is answered again.
     */
    ObjectNode of(CaseFilter filter, CasePage page) {
        var asked = new Asked(filter, page);
        long changes = index.changes();
        long noted = notes.changes();
        Found before = found(asked);
        if (before == null || before.changes() != changes || before.noted() != noted) {
            before = new Found(read(filter, page), changes, noted);
            keep(asked, before);
        }
        ObjectNode answer = JSON.objectNode();
        answer.setAll(before.answer());
        return answer;
    }

    private Found found(Asked asked) {
        synchronized (found) {
            return found.get(asked);
        }
    }

    private void keep(Asked asked, Found answer) {
        synchronized (found) {
            found.put(asked, answer);
        }
    }

    private ObjectNode read(CaseFilter filter, CasePage page) {
        List<OpenCase> taken = taken(filter);
        ReadOnlyKeyValueStore<String, SubjectState> states = stores.open(DetectorTopology.SUBJECT_STATES);
        ObjectNode answer = JSON.objectNode();
        ArrayNode subjects = answer.putArray("subjects");
        sorted(taken, page).skip(page.from()).limit(page.size()).forEach(key -> {
            SubjectState state = states.get(key);
            if (state != null) { // Else it ended since it was counted.
                subjects.add(lines.of(key, state));
            }
        });
        answer.put("total", taken.size());
        answer.set("counts", CaseCounts.of(taken));
        answer.set("groups", CaseGroups.of(taken, page.by()));
        return answer;
    }

    /** Keys of at most {@code most} of those that the filter takes, sorted as the page says. */
    ArrayNode keys(CaseFilter filter, CasePage page, int most) {
        ArrayNode keys = JSON.arrayNode();
        sorted(taken(filter), page).limit(most).forEach(keys::add);
        return keys;
    }

    /** Keys in the page's order, which is worked out once for each case and not once for each comparison. */
    private static Stream<String> sorted(List<OpenCase> cases, CasePage page) {
        return cases.stream().map(CaseOrder::of).sorted(page.comparator()).map(CaseOrder::key);
    }

    private List<OpenCase> taken(CaseFilter filter) {
        List<OpenCase> taken = new ArrayList<>();
        index.each((key, open) -> {
            Instant since = open.since();
            var one = new OpenCase(key, open, since != null && notes.acknowledged(key, since) != null);
            if (filter.takes(one)) {
                taken.add(one);
            }
        });
        return taken;
    }

    /** One page of this instance's own answer and of the others', each from the beginning of its list. */
    static ObjectNode joined(ObjectNode own, List<ObjectNode> others, CasePage page) {
        List<JsonNode> answers = new ArrayList<>(others);
        answers.add(own);
        List<JsonNode> all = new ArrayList<>();
        answers.forEach(answer -> answer.path("subjects").forEach(all::add));
        all.sort(Comparator.comparing(CaseOrder::of, page.comparator()));
        ArrayNode subjects = JSON.arrayNode();
        all.stream().skip(page.from()).limit(page.size()).forEach(subjects::add);
        own.set("subjects", subjects);
        own.put(
                "total",
                answers.stream()
                        .mapToInt(answer -> answer.path("total").asInt())
                        .sum());
        own.set("counts", CaseCounts.sum(answers.stream().map(answer -> answer.path("counts"))));
        own.set("groups", CaseGroups.sum(answers.stream().map(answer -> answer.path("groups"))));
        return own;
    }
}
