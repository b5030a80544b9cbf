package io.postbrake.cli;

import java.util.ArrayList;
import java.util.List;

/** Lines of text whose columns stand under each other; the last column takes what room is left. */
final class Table {

    private final List<List<String>> rows = new ArrayList<>();

    void row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(Text.plain(cell == null ? "" : cell.toString()));
        }
        rows.add(row);
    }

    List<String> lines() {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                int width = row.get(i).length();
                if (i == widths.size()) {
                    widths.add(width);
                } else {
                    widths.set(i, Math.max(widths.get(i), width));
                }
            }
        }
        List<String> result = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append(row.get(i));
                if (i < row.size() - 1) {
                    line.append(" ".repeat(widths.get(i) - row.get(i).length() + 2));
                }
            }
            result.add(line.toString().stripTrailing());
        }
        return result;
    }
}
