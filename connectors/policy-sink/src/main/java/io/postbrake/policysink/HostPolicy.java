package io.postbrake.policysink;

import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All tables of one mail host, each taking the records that concern it. */
final class HostPolicy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HostPolicy.class);

    private final PolicyMap accounts;
    private final Map<String, Enforcement> tables = new LinkedHashMap<>();

    private HostPolicy(PolicySinkConfig config, Clock clock, Executor background) throws IOException {
        accounts = PolicyMap.open(config.mapPath(), config.getLong(PolicySinkConfig.MAP_SIZE));
        tables.put("accounts", new Enforcement(accounts, new Accounts(config.neverBlock()), config.replies(), clock));
        var postfix = new PostfixCommands(config.getList(PolicySinkConfig.POSTFIX));
        tables.values()
                .forEach(table -> table.onReplaced(() ->
                        background.execute(() -> postfix.reload(table.table().path()))));
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

    void show(SinkMetrics metrics) {
        tables.forEach(metrics::table);
    }

    void replay() throws IOException {
        for (Enforcement table : tables.values()) {
            table.replay();
        }
    }

    void block(String key, Wanted block) {
        tables.values().forEach(table -> table.block(key, block));
    }

    void word(String key, Wanted word) {
        tables.values().forEach(table -> table.word(key, word));
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
        for (Enforcement table : tables.values()) {
            table.write();
        }
    }

    void tick() throws IOException {
        for (Enforcement table : tables.values()) {
            table.tick();
        }
    }

    @Override
    public void close() {
        try {
            accounts.close();
        } catch (IOException e) {
            LOG.warn("closing a map: {}", e.getMessage());
        }
    }
}
