package io.postbrake.postfixsource;

import io.postbrake.logtail.JournalSelection;
import io.postbrake.logtail.LogPattern;
import io.postbrake.logtail.LogZones;
import io.postbrake.logtail.PodLogs;
import io.postbrake.logtail.UserIds;
import io.postbrake.postfixlog.RecipientPolicy;
import io.postbrake.postfixlog.envelope.Envelopes;
import io.postbrake.postfixlog.envelope.JournalRule;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.errors.ConnectException;

/** The shipper's settings. */
final class PostfixSourceConfig extends AbstractConfig {

    static final String LOG_PATHS = "log.paths";
    static final String PODS_MATCH = "pods.match";
    static final String JOURNAL_MATCH = "journal.match";
    static final String JOURNAL_SENDERS = "journal.uids";
    static final String JOURNAL_TAGS = "journal.container.tags";
    static final String HOST_ID = "host.id";
    static final String STATE_DIR = "state.dir";
    static final String TOPIC = "topic";
    static final String REPORT_TOPIC = "report.topic";
    static final String ZONE = "log.zone";
    static final String ENVELOPES = "log.envelopes";
    static final String START = "start.position";
    static final String POLL_INTERVAL = "poll.interval.ms";
    static final String RESCAN_INTERVAL = "rescan.interval.ms";
    static final String CHECKPOINT_INTERVAL = "checkpoint.interval.ms";
    static final String LINE_MAX = "line.max.bytes";
    static final String BATCH_LINES = "batch.max.lines";
    static final String BATCH_BYTES = "batch.max.bytes";
    static final String QUARANTINE_MAX = "quarantine.max.bytes";
    static final String RECIPIENTS = "recipients.kept";
    static final String RECIPIENTS_KEY = "recipients.key.file";
    private static final String PSEUDONYM = "pseudonym";

    PostfixSourceConfig(Map<String, String> settings) {
        super(definition(), settings);
        zones();
        envelopes();
        senders();
        logs();
        PodLogs pods = pods();
        if (!makesItsKey()) {
            recipients();
        }
        var syslog = new SyslogConfig(this);
        if (logs().isEmpty() && journal() == null && pods == null && !syslog.isOn()) {
            throw new ConfigException(
                    LOG_PATHS, List.of(), "give the logs to read, or an address to receive syslog on");
        }
        if (syslog.isOn()) {
            syslog.peers();
        }
        if (syslog.tls() != null) {
            syslog.sslContext();
        }
    }

    static ConfigDef definition() {
        var def = new ConfigDef();
        LogChoice.define(def);
        def.define(
                HOST_ID,
                Type.STRING,
                "",
                Importance.HIGH,
                "Id of this mail host, unique in the fleet. Left out, one is"
                        + " made at the first start and kept in state.dir.");
        def.define(
                STATE_DIR,
                Type.STRING,
                ConfigDef.NO_DEFAULT_VALUE,
                new NonEmptyString(),
                Importance.HIGH,
                "Directory of checkpoints and of the quarantine; made readable by its owner only.");
        def.define(
                REPORT_TOPIC,
                Type.STRING,
                "",
                Importance.MEDIUM,
                "Topic on which the shipper says what is wrong with its logs, abuse.enforcement.v1; empty: on none.");
        def.define(TOPIC, Type.STRING, "mail.events.v1", new NonEmptyString(), Importance.LOW, "Topic of the events.");
        def.define(
                ZONE,
                Type.LIST,
                "system",
                Importance.MEDIUM,
                "Zone of stamps that have none, or 'system'; /path/of/a.log=ZONE for the logs that this path or pattern"
                        + " means, such as those of containers, which keep UTC.");
        def.define(
                ENVELOPES,
                Type.LIST,
                List.of("auto"),
                Importance.LOW,
                "What stands around the lines, as containers and collectors write them: 'auto' finds it once by the"
                        + " first lines of each log or peer; 'none'; or up to three names, the outermost first, such as"
                        + " compose+timestamp. The names are in docs/parse.md.");
        def.define(
                START,
                Type.STRING,
                "beginning",
                ValidString.in("beginning", "end"),
                Importance.MEDIUM,
                "Where to begin with a log that is there when the shipper runs for the first time: at its oldest kept"
                        + " file, or at its end. A checkpoint that was lost is always made good from the oldest kept"
                        + " file.");
        def.define(
                POLL_INTERVAL,
                Type.LONG,
                50L,
                Range.between(1, 60_000),
                Importance.LOW,
                "Milliseconds between looks at idle logs where the system tells of no changes (inotify).");
        def.define(
                RESCAN_INTERVAL,
                Type.LONG,
                5000L,
                Range.between(10, 3_600_000),
                Importance.LOW,
                "Milliseconds between looks for files that nobody told of.");
        def.define(
                CHECKPOINT_INTERVAL,
                Type.LONG,
                1000L,
                Range.between(0, 3_600_000),
                Importance.LOW,
                "Least milliseconds from one checkpoint to the next.");
        def.define(
                LINE_MAX,
                Type.INT,
                65_536,
                Range.between(1024, 1 << 24),
                Importance.LOW,
                "Longest line kept whole, in bytes.");
        def.define(
                BATCH_LINES,
                Type.INT,
                2000,
                Range.between(1, 100_000),
                Importance.LOW,
                "Most lines handed over at once.");
        def.define(
                BATCH_BYTES,
                Type.LONG,
                1L << 20,
                Range.between(1024, 1 << 30),
                Importance.LOW,
                "Bytes of text handed over at once, one line beyond it at most.");
        def.define(
                QUARANTINE_MAX,
                Type.LONG,
                16L * 1024 * 1024,
                Range.atLeast(0),
                Importance.LOW,
                "Most bytes of text kept that could not be understood, for each log.");
        def.define(
                RECIPIENTS,
                Type.STRING,
                PSEUDONYM,
                ValidString.in("full", "domain", PSEUDONYM, "hash"),
                Importance.MEDIUM,
                "What leaves the host of recipients' addresses: all (full), the domain only, the domain behind twelve"
                        + " digits of a keyed hash (pseudonym), or a keyed hash alone.");
        def.define(
                RECIPIENTS_KEY,
                Type.STRING,
                "",
                Importance.MEDIUM,
                "File with the secret key of recipients.kept=pseudonym or hash, the same on all hosts. Left out, that of"
                        + " pseudonyms is made at the first start and kept in state.dir.");
        SyslogConfig.define(def);
        return def;
    }

    /** The journal among the logs; null when there is none. */
    JournalSelection journal() {
        return new LogChoice(this).journal();
    }

    /** The pods among the logs; null when there are none. */
    PodLogs pods() {
        return new LogChoice(this).pods();
    }

    List<LogPattern> logs() {
        return new LogChoice(this).files();
    }

    private UserIds senders() {
        return new LogChoice(this).senders();
    }

    private boolean makesItsKey() {
        return getString(RECIPIENTS).equals(PSEUDONYM)
                && getString(RECIPIENTS_KEY).isBlank();
    }

    /** What is kept of recipients, by a key that was made in state.dir where none is given. */
    RecipientPolicy recipients() {
        String kept = getString(RECIPIENTS);
        String key = getString(RECIPIENTS_KEY);
        try {
            if (makesItsKey()) {
                return RecipientPolicy.of(kept, StateDir.recipientsKey(stateDir()));
            }
            return RecipientPolicy.of(kept, key.isBlank() ? null : Path.of(key));
        } catch (IllegalArgumentException e) {
            boolean keyed = kept.equals("hash") || kept.equals(PSEUDONYM);
            throw new ConfigException(keyed ? RECIPIENTS_KEY : RECIPIENTS, key, e.getMessage());
        } catch (IOException e) {
            throw new ConnectException("cannot use state.dir " + stateDir() + ": " + e, e);
        }
    }

    Path stateDir() {
        return Path.of(getString(STATE_DIR));
    }

    boolean fromEnd() {
        return getString(START).equals("end");
    }

    Duration millis(String key) {
        return Duration.ofMillis(getLong(key));
    }

    Envelopes envelopes() {
        try {
            return Envelopes.of(getList(ENVELOPES))
                    .believing(new JournalRule(senders()::contains, Set.copyOf(getList(JOURNAL_TAGS))));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(ENVELOPES, getList(ENVELOPES), e.getMessage());
        }
    }

    LogZones zones() {
        try {
            return new LogZones(getList(ZONE));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(ZONE, getList(ZONE), e.getMessage());
        }
    }
}
