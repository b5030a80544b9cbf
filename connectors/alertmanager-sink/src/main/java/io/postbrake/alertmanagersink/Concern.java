package io.postbrake.alertmanagersink;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;

/**
 * Which incidents concern a receiver.
 *
 * @param leastSeverity what an incident must reach once
 * @param subjectTypes whom they must be about; empty for anybody
 */
record Concern(String leastSeverity, Set<String> subjectTypes) {

    static final String LEAST_SEVERITY = "alerts.minimum.severity";
    static final String SUBJECT_TYPES = "alerts.subject.types";
    /** As {@code Alert.subjectType} names them. */
    private static final Set<String> KNOWN = Set.of(
            "sasl_user",
            "client_ip",
            "client_net",
            "local_user",
            "relay_sender",
            "auth_server",
            "front_end",
            "host",
            "fleet");

    Concern {
        subjectTypes = Set.copyOf(subjectTypes);
    }

    static ConfigDef define(ConfigDef d) {
        return d.define(
                        LEAST_SEVERITY,
                        Type.STRING,
                        "info",
                        ValidString.in(Incident.SEVERITIES.toArray(String[]::new)),
                        Importance.MEDIUM,
                        "Incidents that never get this severe are told to nobody.")
                .define(
                        SUBJECT_TYPES,
                        Type.LIST,
                        "",
                        new ConfigDef.NonNullValidator(),
                        Importance.MEDIUM,
                        "Only incidents of these are told: " + String.join(", ", new TreeSet<>(KNOWN))
                                + "; default: all.");
    }

    static Concern of(AbstractConfig c) {
        List<String> types = c.getList(SUBJECT_TYPES);
        for (String type : types) {
            if (!KNOWN.contains(type)) {
                throw new ConfigException(SUBJECT_TYPES, type, "must be some of " + new TreeSet<>(KNOWN));
            }
        }
        return new Concern(c.getString(LEAST_SEVERITY), new LinkedHashSet<>(types));
    }

    boolean with(Incident incident) {
        return incident.atLeast(leastSeverity)
                && (subjectTypes.isEmpty() || subjectTypes.contains(incident.text("subjectType")));
    }
}
