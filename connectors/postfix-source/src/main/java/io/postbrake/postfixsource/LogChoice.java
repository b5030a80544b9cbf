package io.postbrake.postfixsource;

import static io.postbrake.postfixsource.PostfixSourceConfig.JOURNAL_MATCH;
import static io.postbrake.postfixsource.PostfixSourceConfig.JOURNAL_SENDERS;
import static io.postbrake.postfixsource.PostfixSourceConfig.JOURNAL_TAGS;
import static io.postbrake.postfixsource.PostfixSourceConfig.LOG_PATHS;
import static io.postbrake.postfixsource.PostfixSourceConfig.PODS_MATCH;

import io.postbrake.logtail.JournalSelection;
import io.postbrake.logtail.LogPattern;
import io.postbrake.logtail.PodLogs;
import io.postbrake.logtail.UserIds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/** Which logs the shipper reads: files, the journal, those of pods. */
final class LogChoice {

    private final AbstractConfig config;

    LogChoice(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef def) {
        def.define(
                LOG_PATHS,
                Type.LIST,
                List.of(),
                Importance.HIGH,
                "Postfix logs of this host, as syslog names them; *, ?, [...] and {a,b} are understood. Rotated files"
                        + " are found beside them. 'journal' is systemd's journal, 'journal:/DIRECTORY' one whose files"
                        + " are there. 'pods' are the pods of this Kubernetes node, 'pods:/DIRECTORY' those that the"
                        + " kubelet has there.");
        def.define(
                PODS_MATCH,
                Type.LIST,
                List.of(),
                Importance.HIGH,
                "Which containers of which pods run Postfix: NAMESPACE/POD/CONTAINER, * for any characters of a part."
                        + " Whoever may make such a pod may write lines of Postfix.");
        def.define(
                JOURNAL_MATCH,
                Type.LIST,
                JournalSelection.DEFAULT_MATCHES,
                Importance.LOW,
                "Which entries of the journal are read: FIELD=VALUE, one of which an entry must have.");
        def.define(
                JOURNAL_SENDERS,
                Type.LIST,
                UserIds.SYSTEM,
                Importance.LOW,
                "Accounts of the system whose entries count, as numbers and ranges of them; any local user can write"
                        + " to the journal, and journald says who did. Add those of containers without root.");
        def.define(
                JOURNAL_TAGS,
                Type.LIST,
                List.of(),
                Importance.LOW,
                "Identifiers (SYSLOG_IDENTIFIER) under which an engine logs a container's output: behind them Postfix's"
                        + " own header is read. Entries with CONTAINER_ID need none.");
    }

    /** The journal among the logs; null when there is none. */
    JournalSelection journal() {
        JournalSelection found = null;
        for (String path : config.getList(LOG_PATHS)) {
            if (JournalSelection.isMeant(path)) {
                if (found != null) {
                    throw new ConfigException(LOG_PATHS, path, "give one journal");
                }
                try {
                    found = JournalSelection.of(path, config.getList(JOURNAL_MATCH))
                            .from(senders(), config.getList(JOURNAL_TAGS));
                } catch (IllegalArgumentException e) {
                    throw new ConfigException(path.contains(":") ? LOG_PATHS : JOURNAL_MATCH, path, e.getMessage());
                }
            }
        }
        return found;
    }

    /** The pods among the logs; null when there are none. */
    PodLogs pods() {
        List<String> meant =
                config.getList(LOG_PATHS).stream().filter(PodLogs::isMeant).toList();
        if (meant.isEmpty()) {
            if (!config.getList(PODS_MATCH).isEmpty()) {
                throw new ConfigException(
                        PODS_MATCH,
                        config.getList(PODS_MATCH),
                        "is of no use without '" + PodLogs.NAME + "' in " + LOG_PATHS);
            }
            return null;
        }
        if (meant.size() > 1) {
            throw new ConfigException(LOG_PATHS, meant, "give '" + PodLogs.NAME + "' once");
        }
        Path directory;
        try {
            directory = PodLogs.directory(meant.get(0));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(LOG_PATHS, meant.get(0), e.getMessage());
        }
        try {
            return PodLogs.of(directory, config.getList(PODS_MATCH));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(PODS_MATCH, config.getList(PODS_MATCH), e.getMessage());
        }
    }

    /** Whose entries of a journal count. */
    UserIds senders() {
        try {
            return UserIds.of(config.getList(JOURNAL_SENDERS));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(JOURNAL_SENDERS, config.getList(JOURNAL_SENDERS), e.getMessage());
        }
    }

    /** The files, as their patterns mean them. */
    List<LogPattern> files() {
        List<LogPattern> result = new ArrayList<>();
        for (String path : config.getList(LOG_PATHS)) {
            if (JournalSelection.isMeant(path) || PodLogs.isMeant(path)) {
                continue;
            }
            try {
                result.add(new LogPattern(path));
            } catch (IllegalArgumentException e) {
                throw new ConfigException(LOG_PATHS, path, e.getMessage());
            }
        }
        return result;
    }
}
