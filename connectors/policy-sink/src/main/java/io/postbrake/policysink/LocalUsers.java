package io.postbrake.policysink;

import io.postbrake.subject.BlockAction;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Users of this host's own, by the name that Postfix looks up for whoever starts sendmail(1). Postfix takes names that differ in
 * case alone for one.
 */
final class LocalUsers implements Subjects {

    private static final String TYPE = "local_user:";
    private static final Pattern SUBJECT = Pattern.compile("(0|[1-9]\\d{0,9})@(.+)");
    /** What names no other pattern, comment or continued line in the table. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9_][a-z0-9_.@\\\\+-]{0,127}\\$?");
    /** Of a uid without a name here; no name has a space. */
    private static final String NAMELESS = "uid ";
    /** A host has few users who ever send; whoever makes up more is refused. */
    private static final int MOST = 10_000;

    private final String hostId;
    private final boolean refuses;
    private final Set<String> mailSystem;
    private final NeverBlock never;
    private final HostUsers users;
    /** Subjects by their key in the table. */
    private final Map<String, String> records = new LinkedHashMap<>();

    /**
     * @param refuses whether blocks of them stand in the table at all
     * @param mailSystem names that mail itself depends on, root first of all
     */
    LocalUsers(String hostId, boolean refuses, Set<String> mailSystem, NeverBlock never, HostUsers users) {
        this.hostId = hostId;
        this.refuses = refuses;
        this.mailSystem = Set.copyOf(mailSystem);
        this.never = never;
        this.users = users;
    }

    static LocalUsers of(PolicySinkConfig config, NeverBlock never) {
        boolean refuses = config.refusesLocalUsers();
        return new LocalUsers(
                config.host().hostId(),
                refuses,
                refuses ? HostUsers.mailSystem(config.getList(PolicySinkConfig.POSTFIX)) : Set.of(),
                never,
                HostUsers.ofThisHost());
    }

    @Override
    public boolean concerns(String recordKey) {
        return recordKey.startsWith(TYPE) && !hostId.isEmpty() && recordKey.endsWith("@" + hostId);
    }

    @Override
    public String subject(String recordKey) {
        Matcher subject = SUBJECT.matcher(recordKey.substring(TYPE.length()));
        if (!subject.matches() || !subject.group(2).equals(hostId)) {
            return null;
        }
        long uid = Long.parseLong(subject.group(1));
        Optional<String> name = refuses ? users.name(uid) : Optional.empty();
        String key = name.filter(n -> NAME.matcher(n).matches()).orElse(NAMELESS + uid);
        if (records.size() >= MOST && !records.containsKey(key)) {
            return null;
        }
        records.put(key, recordKey);
        return key;
    }

    @Override
    public String recordKey(String key) {
        return records.getOrDefault(key, TYPE + key + "@" + hostId);
    }

    @Override
    public boolean never(String key) {
        return !refuses || key.startsWith(NAMELESS) || mailSystem.contains(key) || never.account(key);
    }

    @Override
    public String keptOut(String key, Wanted block) {
        if (!refuses) {
            return PolicySinkConfig.LOCAL_USERS + " is observe here: nobody is stopped";
        }
        if (key.startsWith(NAMELESS)) {
            return "this host has no user of that uid whose name can stand in the table";
        }
        if (mailSystem.contains(key)) {
            return "root and the mail system's own users are never stopped";
        }
        boolean hold = Replies.action(block) == BlockAction.HOLD;
        return never.account(key) ? NEVER : hold ? "a local user can be refused, but not held" : null;
    }

    /** Everybody on the host can read the table: it says no more than that. */
    @Override
    public Entry entry(Replies replies, Wanted block) {
        return new Entry("blocked", block.endMillis());
    }
}
