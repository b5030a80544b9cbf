package io.postbrake.policysink;

import io.postbrake.subject.IpNetwork;
import io.postbrake.subject.RelaySender;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
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
                        + " restriction classes are taken by other clients: it is refused as soon as one" + " is free";
    }

    private String why(String key) {
        String client = client(key);
        boolean loopback = IpNetwork.parse(client)
                .map(net -> net.address().length == 4
                        ? net.address()[0] == 127
                        : net.octets().equals("::1"))
                .orElse(true);
        if (loopback) {
            return "mail over loopback is never refused: content filters hand theirs back by it";
        }
        if (!refuses) {
            return PolicySinkConfig.RELAY_CLIENTS + " is observe here: nobody is stopped";
        }
        if (!SENDER.matcher(sender(key)).matches()) {
            return "a sender with quotes, or with letters beyond ASCII, cannot be refused by its name in the log";
        }
        return never.client(client) || never.account(sender(key)) ? NEVER : null;
    }

    @Override
    public Collection<String> again() {
        return classes.again();
    }
}
