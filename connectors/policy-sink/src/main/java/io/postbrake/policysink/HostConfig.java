package io.postbrake.policysink;

import io.postbrake.logtail.JournalSelection;
import io.postbrake.logtail.LogPattern;
import io.postbrake.logtail.LogZones;
import io.postbrake.logtail.UserIds;
import io.postbrake.postfixlog.envelope.Envelopes;
import io.postbrake.postfixlog.envelope.JournalRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/** The settings of what an enforcer does on its host beside the tables: reading its log, holding mail, reporting. */
final class HostConfig {

    static final String HOST_ID = "policy.host.id";
    static final String LOG_PATHS = "policy.log.paths";
    static final String ZONE = "policy.log.zone";
    static final String ENVELOPES = "policy.log.envelopes";
    static final String JOURNAL_MATCH = "policy.journal.match";
    static final String JOURNAL_SENDERS = "policy.journal.uids";
    static final String JOURNAL_TAGS = "policy.journal.container.tags";
    static final String HISTORY = "policy.log.history.bytes";
    static final String INDEX = "policy.queue.index.messages";
    static final String REGISTRY = "policy.registry.url";
    static final String INTERVAL = "policy.report.interval.ms";
    static final String FAREWELL = "policy.farewell";
    private static final String REGISTRY_CLIENT = "policy.registry.";
    private static final String PRODUCER = "policy.producer.";

    private final PolicySinkConfig config;

    HostConfig(PolicySinkConfig config) {
        this.config = config;
        hostLogs();
        senders();
        if (reports() && config.getString(REGISTRY).isEmpty()) {
            throw new ConfigException(
                    REGISTRY, "", "with " + HOST_ID + " set, reports need a registry such as http://127.0.0.1:8081");
        }
    }

    static ConfigDef define(ConfigDef definition) {
        return definition
                .define(
                        HOST_ID,
                        Type.STRING,
                        "",
                        Importance.HIGH,
                        "Id of this mail host, as its shipper has it; empty: nothing is reported.")
                .define(
                        LOG_PATHS,
                        Type.LIST,
                        "",
                        Importance.HIGH,
                        "Postfix logs of this host, for refusals and queue ids, as the shipper takes them: *, ?, [...]"
                                + " and {a,b} in any part of a path, rotated files beside them. 'journal' is systemd's"
                                + " journal. Empty: neither is known.")
                .define(
                        JOURNAL_MATCH,
                        Type.LIST,
                        JournalSelection.DEFAULT_MATCHES,
                        Importance.LOW,
                        "Which entries of the journal are read: FIELD=VALUE, one of which an entry must have.")
                .define(
                        JOURNAL_SENDERS,
                        Type.LIST,
                        UserIds.SYSTEM,
                        Importance.LOW,
                        "Accounts of the system whose entries count, as numbers and ranges of them; any local user can"
                                + " write to the journal, and journald says who did. Add those of containers without"
                                + " root.")
                .define(
                        JOURNAL_TAGS,
                        Type.LIST,
                        "",
                        Importance.LOW,
                        "Identifiers (SYSLOG_IDENTIFIER) under which an engine logs a container's output: behind them"
                                + " Postfix's own header is read. Entries with CONTAINER_ID need none.")
                .define(
                        ZONE,
                        Type.LIST,
                        "system",
                        Importance.MEDIUM,
                        "Zone of the logs' stamps that have none, or 'system'; /path/of/a.log=ZONE for some logs only.")
                .define(
                        ENVELOPES,
                        Type.LIST,
                        List.of("auto"),
                        Importance.LOW,
                        "What stands around the lines, as the shipper's log.envelopes: 'auto', 'none', or up to three"
                                + " names, the outermost first.")
                .define(
                        HISTORY,
                        Type.LONG,
                        256L << 20,
                        Range.atLeast(0),
                        Importance.LOW,
                        "Most bytes of a log, rotated files included, that are read at the start for queue ids.")
                .define(
                        INDEX,
                        Type.INT,
                        200_000,
                        Range.atLeast(1),
                        Importance.LOW,
                        "Most queued messages whose account is remembered.")
                .define(
                        REGISTRY,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "Schema registry, to report; settings of its client with the prefix policy.registry., of the"
                                + " Kafka producer with policy.producer.")
                .define(
                        INTERVAL,
                        Type.LONG,
                        10_000L,
                        Range.between(1_000, 60_000),
                        Importance.LOW,
                        "Milliseconds between reports of how the host is.")
                .define(
                        FAREWELL,
                        Type.BOOLEAN,
                        false,
                        Importance.MEDIUM,
                        "Whether this host is none any more when its enforcer is stopped, as a pod is that another one"
                                + " takes the place of: it says so, and is no silent host.");
    }

    /** Whether anything is reported. */
    boolean reports() {
        return !hostId().isEmpty();
    }

    String hostId() {
        return config.getString(HOST_ID).strip();
    }

    /** Whether the host ends with its enforcer. */
    boolean saysFarewell() {
        return config.getBoolean(FAREWELL);
    }

    /** Whether waiting mail of senders without a login may have to be held. */
    boolean holdsRelayed() {
        return config.refusesRelayClients();
    }

    /** Whether any log of the host is read. */
    boolean readsLogs() {
        return !config.getList(LOG_PATHS).isEmpty();
    }

    HostLogs hostLogs() {
        return new HostLogs(logs(), zones(), envelopes(), journal());
    }

    private Envelopes envelopes() {
        try {
            return Envelopes.of(config.getList(ENVELOPES))
                    .believing(new JournalRule(senders()::contains, Set.copyOf(config.getList(JOURNAL_TAGS))));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(ENVELOPES, config.getList(ENVELOPES), e.getMessage());
        }
    }

    /** The journal among the logs; null when there is none. */
    private JournalSelection journal() {
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

    private UserIds senders() {
        try {
            return UserIds.of(config.getList(JOURNAL_SENDERS));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(JOURNAL_SENDERS, config.getList(JOURNAL_SENDERS), e.getMessage());
        }
    }

    private List<LogPattern> logs() {
        List<LogPattern> result = new ArrayList<>();
        for (String path : config.getList(LOG_PATHS)) {
            if (JournalSelection.isMeant(path)) {
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

    private LogZones zones() {
        try {
            return new LogZones(config.getList(ZONE));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(ZONE, config.getList(ZONE), e.getMessage());
        }
    }

    long history() {
        return config.getLong(HISTORY);
    }

    int index() {
        return config.getInt(INDEX);
    }

    Duration interval() {
        return Duration.ofMillis(config.getLong(INTERVAL));
    }

    List<MailQueue> queues() {
        return config.getList(PolicySinkConfig.POSTFIX).stream()
                .map(MailQueue::new)
                .toList();
    }

    /** The file of what is held, beside the first map. */
    Path held() {
        return beside("-held.tsv");
    }

    /** The command that is run after a block. */
    HookConfig hook() {
        return HookConfig.of(config);
    }

    /** The file of the blocks for which that was run, beside the first map. */
    Path hooked() {
        return beside("-hook.tsv");
    }

    private Path beside(String ending) {
        Path map = config.mapPath();
        return map.resolveSibling(map.getFileName().toString().replaceFirst("\\.lmdb$", "") + ending);
    }

    Reporter reporter() {
        Map<String, Object> client = new HashMap<>(config.originalsWithPrefix(PRODUCER));
        client.put("bootstrap.servers", config.getString(PolicySinkConfig.BOOTSTRAP));
        Map<String, String> registry = new HashMap<>();
        config.originalsWithPrefix(REGISTRY_CLIENT).forEach((key, value) -> registry.put(key, String.valueOf(value)));
        registry.remove("url");
        return new Reporter(client, config.getString(REGISTRY), registry);
    }
}
