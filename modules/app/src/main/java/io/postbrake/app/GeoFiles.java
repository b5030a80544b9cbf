package io.postbrake.app;

import io.postbrake.geo.MaxMindGeo;
import io.postbrake.settings.Settings;
import java.nio.file.Path;
import java.util.List;

/** The geography files that a configuration names. */
public final class GeoFiles {

    private static final String KEY = "geo.files";

    private GeoFiles() {}

    /** The files of {@code settings}, each looked into: one that answers nothing is as wrong as a key that nobody knows. */
    public static List<Path> of(Settings settings) {
        List<Path> files = settings.paths(KEY);
        for (Path file : files) {
            try {
                MaxMindGeo.check(List.of(file));
            } catch (IllegalArgumentException e) {
                settings.problem(KEY + ": " + e.getMessage());
            }
        }
        return files;
    }
}
