package io.postbrake.policysink;

import io.postbrake.subject.IpNetwork;
import io.postbrake.subject.Logins;
import io.postbrake.subject.Nearby;
import io.postbrake.subject.RelaySender;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Senders that a client relays without a login, each with its client: {@code CLIENT SENDER}. */
final class RelaySenders implements Subjects {

    private static final String TYPE = "relay_sender:";
    private static final String ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+";
    /** What the log shows as smtpd looks it up: without quotes, source routes and letters that hosts fold differently. */
    private static final Pattern SENDER =
            Pattern.compile(ATOM + "(\\." + ATOM + ")*@[a-z0-9-]{1,63}(\\.[a-z0-9-]{1,63})*");
    /** In bytes; more is no address. */
    private static final int MAX_KEY = 400;
    /** Few send without a login; whoever makes up more is refused. */
    private static final int MOST = 10_000;

    private final String hostId;
    private final boolean refuses;
    private final NeverBlock never;
    private final RelayClasses classes;
    /** Subjects by their key in the table. */
    private final Map<String, String> records = new LinkedHashMap<>();
    /** Whose waiting mail is held: all who are blocked, refused or not. */
    private final Set<String> owners = ConcurrentHashMap.newKeySet();

    /** @param refuses whether blocks of them stand in the table at all */
    RelaySenders(String hostId, boolean refuses, NeverBlock never, RelayClasses classes) {
        this.hostId = hostId;
        this.refuses = refuses;
        this.never = never;
        this.classes = classes;
    }

    /** The client of a key of the table. */
    static String client(String key) {
        return key.substring(0, key.indexOf(' '));
    }

    /** The sender of a key of the table. */
    static String sender(String key) {
        return key.substring(key.indexOf(' ') + 1);
    }

    @Override
    public boolean concerns(String recordKey) {
        return recordKey.startsWith(TYPE) && !hostId.isEmpty() && recordKey.endsWith(" on " + hostId);
    }

    @Override
    public String subject(String recordKey) {
        RelaySender named = RelaySender.of(recordKey.substring(TYPE.length())).orElse(null);
        IpNetwork client =
                named == null ? null : IpNetwork.parse(named.client()).orElse(null);
        if (client == null || !named.host().equals(hostId)) {
            return null;
        }
        String key = client.octets() + " " + named.sender();
        boolean sound = key.getBytes(StandardCharsets.UTF_8).length <= MAX_KEY
                && StandardCharsets.UTF_8.newEncoder().canEncode(key)
                && key.indexOf('\0') < 0;
        if (!sound || (records.size() >= MOST && !records.containsKey(key))) {
            return null;
        }
        records.put(key, recordKey);
        return key;
    }

    @Override
    public String recordKey(String key) {
        return records.getOrDefault(key, TYPE + new RelaySender(sender(key), client(key), hostId).name());
    }

    @Override
    public boolean never(String key) {
        return why(key) != null;
    }

    @Override
    public String keptOut(String key, Wanted block) {
        String why = why(key);
        if (why != null) {
            return why;
        }
        return classes.claim(key, client(key))
                ? null
                : "all " + RelayClasses.COUNT
                        + " restriction classes are taken by other clients: what waits is held, and it is refused as"
                        + " soon as one is free";
    }

    private String why(String key) {
        if (!refuses) {
            return PolicySinkConfig.RELAY_CLIENTS + " is observe here: nobody is stopped";
        }
        if (spared(key)) {
            return NEVER;
        }
        if (loopback(client(key))) {
            return "mail over loopback is never refused, content filters hand theirs back by it; what waits is held";
        }
        return SENDER.matcher(sender(key)).matches()
                ? null
                : "a sender with quotes, or with letters beyond ASCII, cannot be refused by its name in the log; what waits is"
                        + " held";
    }

    /** As whose mail the queue has what this client relays for this sender. */
    static String owner(String client, String sender) {
        return Logins.fold(TYPE + client + " " + sender);
    }

    /** Whether it is such an owner, and no account. */
    static boolean isOwner(String account) {
        return account.startsWith(TYPE);
    }

    /** The owner that records name so; null when none is. */
    static String ownerOrNull(String recordKey) {
        return recordKey.startsWith(TYPE)
                ? RelaySender.of(recordKey.substring(TYPE.length()))
                        .map(named -> owner(named.client(), named.sender()))
                        .orElse(null)
                : null;
    }

    /** An owner as records name it. */
    static String recordKey(String owner, String hostId) {
        String key = owner.substring(TYPE.length());
        return TYPE + new RelaySender(sender(key), client(key), hostId).name();
    }

    /** Whether the owner is blocked here, so that its waiting mail is to be held. Any thread may ask. */
    boolean holds(String owner) {
        return owners.contains(owner);
    }

    @Override
    public void stands(String key, Wanted blockOrNull) {
        if (key == null) {
            owners.clear();
            return;
        }
        String owner = owner(client(key), sender(key));
        if (blockOrNull != null && refuses && !spared(key)) {
            owners.add(owner);
        } else {
            owners.remove(owner);
        }
    }

    private boolean spared(String key) {
        return never.account(sender(key)) || (!loopback(client(key)) && never.client(client(key)));
    }

    private static boolean loopback(String client) {
        return Nearby.loopback(client);
    }

    @Override
    public Collection<String> again() {
        return classes.again();
    }
}
