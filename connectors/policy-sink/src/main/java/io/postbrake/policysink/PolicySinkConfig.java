package io.postbrake.policysink;

import io.postbrake.subject.BlockAction;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/** The enforcer's settings. */
final class PolicySinkConfig extends AbstractConfig {

    static final String MAP_PATH = "policy.map.path";
    static final String CLIENTS_PATH = "policy.clients.path";
    static final String RANGES_PATH = "policy.ranges.path";
    static final String MAP_SIZE = "policy.map.size";
    static final String BLOCKS_TOPIC = "policy.blocks.topic";
    static final String BOOTSTRAP = "policy.bootstrap.servers";
    static final String NEVER_BLOCK = "policy.never.block";
    static final String LOCAL_USERS = "policy.local.users";
    static final String RELAY_CLIENTS = "policy.relay.clients";
    static final String REFUSE = "refuse";
    static final String POSTFIX = "policy.postfix.config.directories";
    private static final String TEXT = "policy.text.";
    private static final String CLIENT = "policy.consumer.";

    private static final long MEBIBYTE = 1024L * 1024;

    PolicySinkConfig(Map<String, String> settings) {
        super(definition(), settings);
        var unused = neverBlock();
        var unusedToo = host();
        HookConfig.of(this);
        var unusedThree = authPolicy();
        if (refusesRelayClients() && host().hostId().isEmpty()) {
            throw new ConfigException(
                    RELAY_CLIENTS,
                    REFUSE,
                    "blocks of senders without a login name their host: set " + HostConfig.HOST_ID
                            + " to what its shipper's host.id is");
        }
    }

    static ConfigDef definition() {
        ConfigDef result = new ConfigDef()
                .define(
                        MAP_PATH,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new NonEmptyString(),
                        Importance.HIGH,
                        "File of the LMDB map that Postfix consults, with its ending .lmdb.")
                .define(
                        CLIENTS_PATH,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "File of the LMDB map of client addresses; default: beside the first map, NAME-clients.lmdb.")
                .define(
                        RANGES_PATH,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "File of the cidr table of client ranges; default: beside the first map, NAME-ranges.cidr.")
                .define(
                        MAP_SIZE,
                        Type.LONG,
                        16 * 1024 * MEBIBYTE,
                        Range.atLeast(MEBIBYTE),
                        Importance.LOW,
                        "Most bytes that the map may grow to.")
                .define(
                        BLOCKS_TOPIC,
                        Type.STRING,
                        "abuse.blocks.v1",
                        new NonEmptyString(),
                        Importance.LOW,
                        "Compacted topic of blocks; what the connector reads of other topics is operators' words.")
                .define(
                        BOOTSTRAP,
                        Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new NonEmptyString(),
                        Importance.HIGH,
                        "Brokers, to learn where the topics end; client settings with the prefix policy.consumer.")
                .define(
                        NEVER_BLOCK,
                        Type.LIST,
                        "postmaster,abuse",
                        new ConfigDef.NonNullValidator(),
                        Importance.MEDIUM,
                        "Who may never be blocked: local parts (postmaster), domains (@example.com), logins, networks.")
                .define(
                        LOCAL_USERS,
                        Type.STRING,
                        "observe",
                        ConfigDef.ValidString.in("observe", REFUSE),
                        Importance.MEDIUM,
                        "What a block of one of this host's own users does: observe (nothing) or refuse; then Postfix"
                                + " reads NAME-users beside the first map by authorized_submit_users.")
                .define(
                        RELAY_CLIENTS,
                        Type.STRING,
                        "observe",
                        ConfigDef.ValidString.in("observe", REFUSE),
                        Importance.MEDIUM,
                        "What a block of a sender that a client relays without a login does: observe (nothing) or refuse;"
                                + " then Postfix reads NAME-relay and NAME-relay-1 to -8 beside the first map by"
                                + " restriction classes.")
                .define(
                        POSTFIX,
                        Type.LIST,
                        "/etc/postfix",
                        new ConfigDef.NonNullValidator(),
                        Importance.MEDIUM,
                        "Configuration directories of the Postfix instances that consult the map; empty: none here.");
        for (BlockAction action : BlockAction.values()) {
            result.define(
                    TEXT + action.word(),
                    Type.STRING,
                    Replies.usualText(action),
                    new NonEmptyString(),
                    Importance.LOW,
                    "What a client reads when its mail is answered with " + Replies.verb(action) + ".");
        }
        return AuthPolicyConfig.define(DovecotConfig.define(HookConfig.define(HostConfig.define(result))));
    }

    Replies replies() {
        Map<BlockAction, String> texts = new EnumMap<>(BlockAction.class);
        for (BlockAction action : BlockAction.values()) {
            texts.put(action, getString(TEXT + action.word()));
        }
        return new Replies(texts);
    }

    HostConfig host() {
        return new HostConfig(this);
    }

    NeverBlock neverBlock() {
        return NeverBlock.of(getList(NEVER_BLOCK));
    }

    Path mapPath() {
        return Path.of(getString(MAP_PATH));
    }

    Path clientsPath() {
        return beside(CLIENTS_PATH, "-clients.lmdb");
    }

    Path rangesPath() {
        return beside(RANGES_PATH, "-ranges.cidr");
    }

    /** The table of local users, beside the first map. */
    Path usersPath() {
        Path map = mapPath();
        return map.resolveSibling(name(map) + "-users");
    }

    /** Whether local users are refused here. */
    boolean refusesLocalUsers() {
        return getString(LOCAL_USERS).equals(REFUSE);
    }

    /** The table of clients that relay, beside the first map; those of their senders stand beside it. */
    Path relayPath() {
        Path map = mapPath();
        return map.resolveSibling(name(map) + "-relay.lmdb");
    }

    /** Whether senders are refused from clients that relay without a login. */
    boolean refusesRelayClients() {
        return getString(RELAY_CLIENTS).equals(REFUSE);
    }

    /** What this host's Dovecot refuses. */
    DovecotConfig dovecot() {
        return DovecotConfig.of(this);
    }

    /** How Dovecot's auth policy is answered. */
    AuthPolicyConfig authPolicy() {
        return AuthPolicyConfig.of(this, dovecot());
    }

    /** The table that Dovecot reads, beside the first map. */
    Path mailboxesPath() {
        Path map = mapPath();
        return map.resolveSibling(name(map) + "-mailboxes");
    }

    private static String name(Path map) {
        return map.getFileName().toString().replaceFirst("\\.lmdb$", "");
    }

    private Path beside(String key, String ending) {
        String path = getString(key);
        Path map = mapPath();
        return path.isEmpty() ? map.resolveSibling(name(map) + ending) : Path.of(path);
    }

    Map<String, Object> client() {
        Map<String, Object> result = new HashMap<>(originalsWithPrefix(CLIENT));
        result.put("bootstrap.servers", getString(BOOTSTRAP));
        return result;
    }
}
