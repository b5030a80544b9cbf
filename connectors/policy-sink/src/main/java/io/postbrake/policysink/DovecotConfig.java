package io.postbrake.policysink;

import io.postbrake.subject.IpNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/**
 * The settings of what this host's Dovecot refuses.
 *
 * @param mode observe, narrow or refuse
 * @param services names of Dovecot's services, as its authentication server has them
 * @param always networks in CIDR notation that are left to every account
 * @param group group of the table, which Dovecot's authentication server has
 * @param kick doveadm and its options; empty: open sessions stay
 */
record DovecotConfig(String mode, List<String> services, List<String> always, String group, List<String> kick) {

    static final String MODE = "policy.dovecot";
    static final String GROUP = "policy.dovecot.group";
    private static final String SERVICES = "policy.dovecot.services";
    private static final String ALWAYS = "policy.dovecot.always";
    private static final String DOVEADM = "policy.dovecot.doveadm";
    private static final String NARROW = "narrow";
    private static final String REFUSE = "refuse";

    static ConfigDef define(ConfigDef definition) {
        return definition
                .define(
                        MODE,
                        Type.STRING,
                        "observe",
                        ConfigDef.ValidString.in("observe", NARROW, REFUSE),
                        Importance.MEDIUM,
                        "What a block of an account does to its mailbox: observe (nothing); narrow: Dovecot lets it in from"
                                + " its home networks alone; refuse: that, and from nowhere under a block that refuses"
                                + " mail. Dovecot then reads NAME-mailboxes beside the first map.")
                .define(
                        SERVICES,
                        Type.LIST,
                        "imap,pop3",
                        new ConfigDef.NonNullValidator(),
                        Importance.LOW,
                        "Services of Dovecot for which that counts. With smtp, what a blocked account sends is refused at"
                                + " its login, so that nothing is held and no refusal is confirmed.")
                .define(
                        ALWAYS,
                        Type.LIST,
                        "127.0.0.0/8,::1/128",
                        new ConfigDef.NonNullValidator(),
                        Importance.MEDIUM,
                        "Networks that are left to every account, such as those of a webmail: whoever comes by it cannot be"
                                + " told apart by address.")
                .define(
                        GROUP,
                        Type.STRING,
                        "dovecot",
                        new ConfigDef.NonEmptyString(),
                        Importance.LOW,
                        "Group of that file: the one that Dovecot's authentication server runs with.")
                .define(
                        DOVEADM,
                        Type.LIST,
                        "",
                        new ConfigDef.NonNullValidator(),
                        Importance.MEDIUM,
                        "doveadm by its whole path, and options such as -c FILE: ends open sessions of an account from"
                                + " where it is not let in any more. Empty: they stay.");
    }

    /**
     * Reads and checks them.
     *
     * @throws ConfigException naming the key, its value and what would be right
     */
    static DovecotConfig of(PolicySinkConfig config) {
        List<String> services = config.getList(SERVICES);
        for (String service : services) {
            if (!service.matches("[a-z0-9-]{1,32}")) {
                throw new ConfigException(SERVICES, service, "give names of services such as imap, pop3 or sieve");
            }
        }
        if (services.isEmpty()) {
            throw new ConfigException(SERVICES, "", "give at least one service, such as imap");
        }
        List<String> always = config.getList(ALWAYS).stream()
                .map(net -> IpNetwork.parse(net.strip().toLowerCase(Locale.ROOT))
                        .orElseThrow(() -> new ConfigException(
                                ALWAYS, net, "give networks such as 192.0.2.0/24, without bits behind the prefix"))
                        .cidr())
                .toList();
        List<String> kick = config.getList(DOVEADM);
        String mode = config.getString(MODE);
        if (!kick.isEmpty()) {
            Path doveadm = Path.of(kick.get(0));
            if (!doveadm.isAbsolute() || !Files.isExecutable(doveadm)) {
                throw new ConfigException(
                        DOVEADM, kick.get(0), "give the whole path of doveadm, such as /usr/bin/doveadm");
            }
        }
        return new DovecotConfig(mode, services, always, config.getString(GROUP), kick);
    }

    /** Whether any account is kept out anywhere. */
    boolean narrows() {
        return mode.equals(NARROW) || refuses();
    }

    /** Whether a block that refuses mail refuses the mailbox from everywhere. */
    boolean refuses() {
        return mode.equals(REFUSE);
    }
}
