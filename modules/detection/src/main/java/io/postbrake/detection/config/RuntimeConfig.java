package io.postbrake.detection.config;

import io.postbrake.control.AllowEntry;
import io.postbrake.control.Control;
import io.postbrake.detection.parameter.ConfigProblem;
import io.postbrake.detection.parameter.Parameters;
import io.postbrake.subject.Logins;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The configuration in force: a file's, or the one that an operator put in its place at run time, with the allow-lists'
 * entries that were added. A value; its configuration is what each subject's next input is judged by.
 */
public final class RuntimeConfig {
    /** Key of the record that holds the whole configuration. */
    public static final String CONFIGURATION = "configuration";

    /** Key of the record that says from when on anything is blocked; it stands over every configuration. */
    public static final String ENFORCE = "enforce";

    private static final String ALLOW = "allow:";

    private final DetectionConfig file;
    private final @Nullable DetectionConfig said;
    private final @Nullable Instant enforceFrom;
    private final Map<String, AllowList.Entry> allowed;

    private RuntimeConfig(
            DetectionConfig file,
            @Nullable DetectionConfig saidOrNull,
            @Nullable Instant enforceFromOrNull,
            Map<String, AllowList.Entry> allowed) {
        this.file = file;
        this.said = saidOrNull;
        this.enforceFrom = enforceFromOrNull;
        this.allowed = allowed;
    }

    /** Nothing was said: the file's configuration holds. */
    public static RuntimeConfig of(DetectionConfig file) {
        return new RuntimeConfig(file, null, null, Map.of());
    }

    /** Key of the record that adds an entry to an allow-list. */
    public static String key(AllowList.Entry entry) {
        return ALLOW + entry.type() + ":" + entry.subject();
    }

    /** The configuration in force. */
    public DetectionConfig config() {
        DetectionConfig config = (said == null ? file : said).allowing(List.copyOf(allowed.values()));
        return enforceFrom == null ? config : config.enforcingFrom(enforceFrom);
    }

    /** Whether the configuration in force is not the file's. */
    public boolean replaced() {
        return said != null;
    }

    /**
     * These controls after a record of the control topic.
     *
     * @param controlOrNull null withdraws what was said under this key
     * @throws IllegalArgumentException naming what is wrong with the record; the controls stay as they are
     */
    public RuntimeConfig with(@Nullable String key, @Nullable Control controlOrNull) {
        if (CONFIGURATION.equals(key)) {
            return new RuntimeConfig(
                    file, controlOrNull == null ? null : configuration(controlOrNull), enforceFrom, allowed);
        }
        if (ENFORCE.equals(key)) {
            return new RuntimeConfig(file, said, controlOrNull == null ? null : enforceFrom(controlOrNull), allowed);
        }
        if (key == null || !key.startsWith(ALLOW)) {
            throw ConfigProblem.bad("of the control record", key, "configuration, enforce, or allow:TYPE:SUBJECT");
        }
        // Earlier builds put names in lower case, no more: what they said stands under the folded name.
        String name = Logins.fold(key);
        Map<String, AllowList.Entry> next = new TreeMap<>(allowed);
        if (controlOrNull == null) {
            next.remove(name);
        } else {
            List<AllowList.Entry> entries = entries(controlOrNull);
            if (entries.size() != 1 || !key(entries.get(0)).equals(name)) {
                throw ConfigProblem.bad("of the control record", key, "allow:TYPE:SUBJECT of its one entry");
            }
            next.put(name, entries.get(0));
        }
        return new RuntimeConfig(file, said, enforceFrom, next);
    }

    /**
     * From when on anything is blocked, as the record under {@link #ENFORCE} says.
     *
     * @throws IllegalArgumentException naming key, value and what would be right
     */
    public static Instant enforceFrom(Control control) {
        Set<String> keys = control.getSettings().keySet();
        if (!keys.equals(Set.of(DetectionConfig.ENFORCE_FROM))) {
            throw ConfigProblem.bad("of the record '" + ENFORCE + "'", keys, "with " + DetectionConfig.ENFORCE_FROM);
        }
        return DetectionConfig.of(new LinkedHashMap<>(control.getSettings())).enforceFrom();
    }

    /** What the record under {@link #ENFORCE} says of this time. */
    public static Control.Builder enforcing(Instant from) {
        return Control.newBuilder().setSettings(new TreeMap<>(Map.of(DetectionConfig.ENFORCE_FROM, from.toString())));
    }

    /**
     * The configuration that a record holds.
     *
     * @throws IllegalArgumentException naming key, value and what would be right
     */
    public static DetectionConfig configuration(Control control) {
        return DetectionConfig.of(new LinkedHashMap<>(control.getSettings())).allowing(entries(control));
    }

    /**
     * What a record says that holds the configuration with these keys, checked.
     *
     * @param yaml nested or dotted keys of docs/configuration.md
     * @throws IllegalArgumentException naming key, value and what would be right
     */
    public static Control.Builder record(Map<String, ?> yaml) {
        DetectionConfig config = DetectionConfig.of(yaml);
        Map<String, String> settings = new TreeMap<>();
        Parameters.flat(yaml).forEach((key, value) -> {
            if (!key.startsWith("allow.")) {
                settings.put(key, String.valueOf(value));
            }
        });
        return Control.newBuilder()
                .setSettings(settings)
                .setAllow(records(config.allow().entries()));
    }

    /** Entries as they go on the topic. */
    public static List<AllowEntry> records(List<AllowList.Entry> entries) {
        return entries.stream()
                .map(e -> new AllowEntry(e.type(), e.subject(), e.reason(), e.until()))
                .toList();
    }

    private static List<AllowList.Entry> entries(Control control) {
        List<AllowList.Entry> entries = new ArrayList<>();
        for (AllowEntry e : control.getAllow()) {
            entries.add(AllowList.Entry.of(e.getType(), e.getSubject(), e.getReason(), e.getEndsAt()));
        }
        return entries;
    }
}
