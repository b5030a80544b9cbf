package io.postbrake.policysink;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** What stands in a table, and what the file beside it holds. */
final class Tables {

    private Tables() {}

    static Map<String, Entry> all(PolicyTable table) throws IOException {
        Map<String, Entry> result = new HashMap<>();
        table.after(null, Integer.MAX_VALUE).forEach(e -> result.put(e.getKey(), e.getValue()));
        return result;
    }

    static SaidFile said(PolicyTable table) throws IOException {
        return SaidFile.create(table.path().resolveSibling(table.path().getFileName() + ".said"), 1L << 30);
    }
}
