package io.postbrake.policysink;

import io.postbrake.subject.BlockAction;
import io.postbrake.subject.Logins;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Blocked accounts as this host's Dovecot looks them up: by service and login, with the networks that are left to each. A block
 * of any kind leaves an account its home, and by choice one that refuses leaves it nothing.
 */
final class Mailboxes implements Subjects {

    /** Name of the field by which Dovecot hands the networks from the table to the account's own database. */
    static final String FIELD = "postbrake_nets";

    private static final String TYPE = "sasl_user:";
    /** No client has it, and it is a network: what is none would be an error at each login. */
    private static final String NOWHERE = "255.255.255.255/32";

    private final DovecotConfig config;
    private final NeverBlock never;

    Mailboxes(DovecotConfig config, NeverBlock never) {
        this.config = config;
        this.never = never;
    }

    @Override
    public boolean concerns(String recordKey) {
        return recordKey.startsWith(TYPE);
    }

    @Override
    public String subject(String recordKey) {
        String login = Logins.foldAscii(recordKey.substring(TYPE.length()));
        // What ends a field of the file is in no login.
        return Accounts.sound(login) && login.indexOf(':') < 0 ? login : null;
    }

    /** A service has no slash in its name, so that the first one ends it. */
    @Override
    public List<String> keys(String login) {
        return config.services().stream().map(service -> service + "/" + login).toList();
    }

    @Override
    public String recordKey(String login) {
        return TYPE + login;
    }

    @Override
    public boolean never(String key) {
        return !config.narrows() || never.account(key.substring(key.indexOf('/') + 1));
    }

    @Override
    public String keptOut(String key, Wanted block) {
        if (!config.narrows()) {
            return DovecotConfig.MODE + " is observe here: nobody is kept from reading";
        }
        if (never(key)) {
            return NEVER;
        }
        return block.homes().isEmpty() && !refused(block) ? "no network is known that the mailbox is read from" : null;
    }

    /** An operator's block knows of no home: without the detector's it would let the thief in again. */
    @Override
    public Wanted operators(Wanted word, Wanted blockOrNull) {
        return blockOrNull == null ? word : word.withHomes(blockOrNull.homes());
    }

    private boolean refused(Wanted block) {
        BlockAction action = Replies.action(block);
        return config.refuses() && (action == BlockAction.REJECT || action == BlockAction.DISCONNECT);
    }

    /** The networks that are left, and not why: the group of Dovecot can read the table. */
    @Override
    public Entry entry(Replies replies, Wanted block) {
        return new Entry(String.join(",", left(block)), block.endMillis());
    }

    /** Networks from which the account may still be read. */
    Set<String> left(Wanted block) {
        if (refused(block)) {
            return Set.of(NOWHERE);
        }
        Set<String> result = new LinkedHashSet<>(block.homes());
        result.addAll(config.always());
        return result;
    }
}
