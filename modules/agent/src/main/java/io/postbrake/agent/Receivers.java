package io.postbrake.agent;

import io.postbrake.settings.Settings;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who is told of incidents, by name: each has an alert sink of its own, with its own offsets, so that one that is away is
 * waited for by nobody. The one without a name is the section {@code alerts}.
 */
public final class Receivers {

    private static final String SECTION = "receivers";
    private static final String NAME = "[a-z][a-z0-9-]{0,30}";
    private static final String SINK = "alertmanager-sink";

    private Receivers() {}

    /** The settings of each, as {@code alerts} and {@code receivers} of a file say; nothing for nobody. */
    public static Map<String, Map<String, String>> of(Settings file) {
        Map<String, Map<String, String>> result = new TreeMap<>();
        Map<String, String> unnamed = file.section("alerts").strings();
        if (!unnamed.isEmpty()) {
            result.put("", KeptElsewhere.found(file, "alerts", ConnectorSection.ALERTS, unnamed));
        }
        Settings named = file.section(SECTION);
        for (String name : named.given()) {
            if (!name.matches(NAME)) {
                named.problem(SECTION + " has the name '" + name
                        + "': give it small letters, digits and '-', at most 31, a letter first");
            }
            Map<String, String> settings = named.section(name).strings();
            if (settings.isEmpty()) {
                named.problem(SECTION + "." + name + " is empty: say whom it tells, such as mail.to");
            }
            result.put(name, KeptElsewhere.found(file, section(name), ConnectorSection.ALERTS, settings));
        }
        return result;
    }

    /** Where a file has a receiver's settings. */
    public static String section(String name) {
        return name.isEmpty() ? "alerts" : SECTION + "." + name;
    }

    /** The connector's name, which its consumer group is called after. */
    public static String connector(String name) {
        return name.isEmpty() ? SINK : SINK + "-" + name;
    }

    /** A copy that nobody changes. */
    public static Map<String, Map<String, String>> copy(Map<String, Map<String, String>> receivers) {
        Map<String, Map<String, String>> result = new LinkedHashMap<>();
        receivers.forEach((name, settings) -> result.put(name, Map.copyOf(settings)));
        return Collections.unmodifiableMap(result);
    }
}
