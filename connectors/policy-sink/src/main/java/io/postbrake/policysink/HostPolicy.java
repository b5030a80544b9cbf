package io.postbrake.policysink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All tables of one mail host, each taking the records that concern it. */
final class HostPolicy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HostPolicy.class);

    private static final String MAILBOXES = "mailboxes";

    /** Bytes that what was said may take however small the map is kept. */
    private static final long LEAST_SAID = 64L << 20;

    private final List<PolicyMap> maps = new ArrayList<>();
    private final Map<String, Enforcement> tables = new LinkedHashMap<>();
    private final Accounts accounts;
    private final Mailboxes narrowed;
    private MailboxSessions sessions;
    /** Null where nobody asks. */
    private AuthPolicy authPolicy;

    private final RelayClasses classes = new RelayClasses();
    private RelaySenders senders;
    private RelayTable relay;
    private final WordsFollowed words = new WordsFollowed();

    private HostPolicy(PolicySinkConfig config, Clock clock, Executor background) throws IOException {
        var reloads = new Reloads(new PostfixCommands(config.getList(PolicySinkConfig.POSTFIX)), background);
        NeverBlock never = config.neverBlock();
        try {
            accounts = new Accounts(never, LoginFolding.of(config.getList(PolicySinkConfig.POSTFIX)));
            narrowed = new Mailboxes(config.dovecot(), never);
            sessions = new MailboxSessions(config.dovecot(), narrowed);
            add("accounts", map(config, config.mapPath()), accounts, config, clock, reloads);
            add("clients", map(config, config.clientsPath()), Clients.indexed(never), config, clock, reloads);
            add("ranges", TextTable.ranges(config.rangesPath()), Clients.ranges(never), config, clock, reloads);
            add("users", users(config), LocalUsers.of(config, never), config, clock, reloads);
            boolean refuses = config.refusesRelayClients();
            relay = RelayTable.open(config.relayPath(), config.getLong(PolicySinkConfig.MAP_SIZE), refuses, classes);
            senders = new RelaySenders(config.host().hostId(), refuses, never, classes);
            add("relay", relay, senders, config, clock, reloads);
            if (config.dovecot().narrows() || Files.exists(config.mailboxesPath())) {
                // A table of an earlier choice is emptied: Dovecot may still read it.
                TextTable mailboxes = mailboxes(config);
                add(MAILBOXES, mailboxes, narrowed, config, clock, reloads);
                authPolicy = AuthPolicy.startOrNull(config.authPolicy(), mailboxes, clock);
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Nobody's mail goes out by sendmail(1) where one user cannot read this table, not even root's where it is missing. */
    private static TextTable users(PolicySinkConfig config) throws IOException {
        Path closed = config.refusesLocalUsers() ? TableAccess.closed(config.usersPath()) : null;
        if (closed != null) {
            throw new ConfigException(
                    PolicySinkConfig.LOCAL_USERS,
                    PolicySinkConfig.REFUSE,
                    "sendmail(1) must reach " + config.usersPath()
                            + " as any user of this host, or no local mail goes out:"
                            + " give policy.map.path a folder for that, or `chmod o+x " + closed + "`");
        }
        return TextTable.names(config.usersPath(), config.refusesLocalUsers());
    }

    /** Dovecot's authentication server, which is not root, opens it at each login. */
    private static TextTable mailboxes(PolicySinkConfig config) throws IOException {
        DovecotConfig dovecot = config.dovecot();
        Path closed = dovecot.narrows() ? TableAccess.closed(config.mailboxesPath()) : null;
        if (closed != null) {
            throw new ConfigException(
                    DovecotConfig.MODE,
                    dovecot.mode(),
                    "Dovecot's authentication server must reach " + config.mailboxesPath()
                            + " as its own user: give policy.map.path a folder for that, or `chmod o+x " + closed
                            + "`");
        }
        return TextTable.mailboxes(config.mailboxesPath(), dovecot.group(), dovecot.narrows());
    }

    private PolicyMap map(PolicySinkConfig config, Path path) throws IOException {
        PolicyMap map = PolicyMap.open(path, config.getLong(PolicySinkConfig.MAP_SIZE));
        maps.add(map);
        return map;
    }

    private void add(
            String name, PolicyTable table, Subjects subjects, PolicySinkConfig config, Clock clock, Reloads reloads)
            throws IOException {
        Path file = table.path().resolveSibling(table.path().getFileName() + ".said");
        SaidFile said = SaidFile.create(file, 2 * config.getLong(PolicySinkConfig.MAP_SIZE) + LEAST_SAID);
        var enforcement = new Enforcement(table, said, subjects, config.replies(), clock);
        enforcement.onReplaced(() -> reloads.request(table.path()));
        tables.put(name, enforcement);
    }

    /**
     * Claims the host's tables.
     *
     * @param background runs what must not hold up enforcement
     * @throws IllegalStateException when another writer has one
     */
    static HostPolicy open(PolicySinkConfig config, Clock clock, Executor background) throws IOException {
        return new HostPolicy(config, clock, background);
    }

    /** Tells of every change of a table. */
    void onChanged(Enforcement.Told told) {
        words.tell(told);
        // A block is in force when Postfix refuses it; what Dovecot does comes on top of that.
        tables.forEach((name, table) -> table.onChanged(name.equals(MAILBOXES) ? sessions : words));
    }

    /**
     * Whether the accounts' table has this login, or this owner of relayed mail is blocked; false also when the table cannot be
     * read. Any thread may ask.
     */
    boolean blocks(String login) {
        if (RelaySenders.isOwner(login)) {
            return senders.holds(login);
        }
        return accounts.keys(login).stream().anyMatch(key -> maps.get(0).get(key) != null);
    }

    /** Whether records of this key are about senders that relay by this host. */
    boolean isHere(String recordKey) {
        return senders.concerns(recordKey);
    }

    /** How the log and the accounts' table have a login that records name so; more than one where services differ. */
    List<String> inLog(String login) {
        return accounts.keys(login);
    }

    /** How the host's tables are. */
    HostReports.State state(String problem, String queue) {
        Instant last = tables.values().stream()
                .map(Enforcement::lastWrite)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(null);
        return new HostReports.State(
                isCaughtUp(),
                tables.values().stream().mapToLong(t -> t.table().count()).sum(),
                tables.values().stream().mapToLong(t -> t.table().size()).sum(),
                last,
                problem,
                queue);
    }

    void show(SinkMetrics metrics) {
        tables.forEach(metrics::table);
        metrics.relay(classes);
        metrics.sessions(sessions);
        if (authPolicy != null) {
            metrics.authPolicy(authPolicy);
        }
    }

    void replay() throws IOException {
        for (Enforcement table : tables.values()) {
            table.replay();
        }
    }

    void block(String key, Wanted block) throws IOException {
        for (Enforcement table : tables.values()) {
            table.block(key, block);
        }
    }

    void word(String key, Wanted word) throws IOException {
        for (Enforcement table : tables.values()) {
            table.word(key, word);
        }
    }

    /** Forgets what was taken but not kept, for it is handed over again. */
    void abandon() {
        tables.values().forEach(Enforcement::abandon);
    }

    boolean isCaughtUp() {
        return tables.values().stream().allMatch(Enforcement::isCaughtUp);
    }

    void caughtUp() throws IOException {
        for (Enforcement table : tables.values()) {
            table.caughtUp();
        }
    }

    void write() throws IOException {
        each(Enforcement::write);
    }

    void tick() throws IOException {
        each(Enforcement::tick);
    }

    private interface Step {
        void on(Enforcement table) throws IOException;
    }

    /** A word is followed as soon as all tables that it concerns are written, which one of them alone cannot tell. */
    private void each(Step step) throws IOException {
        List<Enforcement> rest = new ArrayList<>(tables.values());
        for (Enforcement table : tables.values()) {
            step.on(table);
            rest.remove(table);
            words.followedUnless(key -> rest.stream().anyMatch(other -> other.concerns(key)));
        }
    }

    @Override
    public void close() {
        List<AutoCloseable> all = new ArrayList<>();
        if (authPolicy != null) {
            all.add(authPolicy);
        }
        all.addAll(tables.values());
        all.addAll(maps);
        if (relay != null) {
            all.add(relay);
        }
        if (sessions != null) {
            all.add(sessions);
        }
        for (AutoCloseable each : all) {
            try {
                each.close();
            } catch (Exception e) {
                LOG.warn("closing a table: {}", e.getMessage());
            }
        }
    }
}
