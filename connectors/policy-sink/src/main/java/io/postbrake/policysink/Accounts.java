package io.postbrake.policysink;

import io.postbrake.subject.Logins;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** Logins, as this host's Postfix looks them up. */
final class Accounts implements Subjects {

    private static final String TYPE = "sasl_user:";
    /** In bytes; LMDB's limit is 511. A longer one is no login of anybody. */
    private static final int MAX_KEY = 320;

    private final NeverBlock never;
    private final Set<LoginFolding> foldings;

    Accounts(NeverBlock never, Set<LoginFolding> foldings) {
        this.never = never;
        this.foldings = foldings;
    }

    @Override
    public boolean concerns(String recordKey) {
        return recordKey.startsWith(TYPE);
    }

    @Override
    public String subject(String recordKey) {
        // What is beyond ASCII is folded for each service's key alone: folding changes how many bytes it has.
        String login = Logins.foldAscii(recordKey.substring(TYPE.length()));
        return sound(login) && keys(login).stream().allMatch(Accounts::fits) ? login : null;
    }

    /** Whether a table can have it as the login of somebody. */
    static boolean sound(String login) {
        return !login.isEmpty()
                && fits(login)
                && StandardCharsets.UTF_8.newEncoder().canEncode(login) // Half a pair would become another's "?".
                && login.chars().noneMatch(Character::isISOControl);
    }

    private static boolean fits(String login) {
        return login.getBytes(StandardCharsets.UTF_8).length <= MAX_KEY;
    }

    @Override
    public List<String> keys(String login) {
        return foldings.stream().map(folding -> folding.key(login)).distinct().toList();
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
