package io.postbrake.app.console;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which part of a list is asked for.
 *
 * @param sort one of {@link CaseOrder#NAMES}
 * @param from how many cases come before it
 * @param size most cases of it
 * @param by dimensions of {@link OpenCase} to group by; empty for no groups
 */
record CasePage(String sort, int from, int size, List<String> by) {

    private static final int USUAL = 50;
    private static final int LARGEST = 200;

    /** Who wants more of a list than this wants a filter. */
    private static final int DEEPEST = 5_000;

    /**
     * Reads what a page asks for.
     *
     * @throws IllegalArgumentException naming what is wrong
     */
    static CasePage of(Query query) {
        int size = query.number("size", USUAL, 1, LARGEST);
        int page = query.number("page", 1, 1, DEEPEST / size);
        String by = query.value("by");
        List<String> dimensions = by == null ? List.of() : Arrays.asList(by.split(",", -1));
        // Cases have several detectors: to group by these again and again would never end.
        if (!OpenCase.DIMENSIONS.containsAll(dimensions)
                || Set.copyOf(dimensions).size() < dimensions.size()) {
            throw new IllegalArgumentException("by is '" + by + "': give some of "
                    + String.join(", ", OpenCase.DIMENSIONS) + ", once each, with commas between");
        }
        return new CasePage(
                query.word("sort", CaseOrder.NAMES.get(0), CaseOrder.NAMES), (page - 1) * size, size, dimensions);
    }

    /** As another instance is asked: it cannot know what comes before from elsewhere. */
    CasePage fromBegin() {
        return new CasePage(sort, 0, from + size, by);
    }

    /** What another instance is asked for with it, beside the filter. */
    Map<String, String> asked() {
        return Map.of("page", "1", "upTo", String.valueOf(from + size));
    }

    /** As {@link #of}, of a question that another instance asks by {@link #asked}. */
    static CasePage ofPeer(Query query) {
        CasePage page = of(query);
        return new CasePage(page.sort, 0, query.number("upTo", page.size, 1, DEEPEST), page.by);
    }

    Comparator<CaseOrder> comparator() {
        return CaseOrder.by(sort);
    }
}
