package io.postbrake.policysink;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Logins, in lower case as Postfix looks them up. */
final class Accounts implements Subjects {

    private static final String TYPE = "sasl_user:";
    /** In bytes; LMDB's limit is 511. A longer one is no login of anybody. */
    private static final int MAX_KEY = 320;

    private final NeverBlock never;

    Accounts(NeverBlock never) {
        this.never = never;
    }

    @Override
    public boolean concerns(String recordKey) {
        return recordKey.startsWith(TYPE);
    }

    @Override
    public String key(String recordKey) {
        String login = recordKey.substring(TYPE.length()).toLowerCase(Locale.ROOT);
        boolean sound = !login.isEmpty()
                && login.getBytes(StandardCharsets.UTF_8).length <= MAX_KEY
                && StandardCharsets.UTF_8.newEncoder().canEncode(login) // Half a pair would become another's "?".
                && login.chars().noneMatch(Character::isISOControl);
        return sound ? login : null;
    }

    @Override
    public String recordKey(String login) {
        return TYPE + login;
    }

    @Override
    public boolean never(String login) {
        return never.account(login);
    }
}
