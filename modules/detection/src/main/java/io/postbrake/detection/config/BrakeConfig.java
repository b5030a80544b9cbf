package io.postbrake.detection.config;

import io.postbrake.detection.subject.SubjectKeys;
import java.time.Duration;
import java.util.List;

/**
 * When very many new blocks at once are taken for a fault of ours.
 *
 * @param enabled brake.enabled: false releases it at once, and for as long as it says so
 * @param within brake.within: the time in which blocks are counted together
 * @param share brake.accounts.share: share of the accounts that send mail on the busiest of the last days
 * @param least brake.accounts.least: fewer blocked accounts never pull it
 * @param most brake.accounts.most: so many pull it whatever their share is
 * @param addresses brake.addresses.most: so many blocked addresses pull it for addresses
 * @param release brake.release.after: it is released by itself so long after fewer blocks begin again
 * @param host brake.host.*: what the evidence of one mail host alone may cause on all others
 */
public record BrakeConfig(
        boolean enabled,
        Duration within,
        double share,
        long least,
        long most,
        long addresses,
        Duration release,
        OneHost host) {

    /**
     * How many blocks may rest on the evidence of one mail host alone. So many at once, and so many more in each
     * {@code within}; further ones are in force on that host alone.
     *
     * @param within brake.host.within
     * @param accounts brake.host.accounts.most
     * @param addresses brake.host.addresses.most
     */
    public record OneHost(Duration within, long accounts, long addresses) {
        void check(List<String> wrong) {
            ConfigProblem.positive(wrong, "brake.host.within", within);
            counted(wrong, "brake.host.accounts.most", accounts);
            counted(wrong, "brake.host.addresses.most", addresses);
        }

        /** The budget of accounts or of addresses, by the type of subject. */
        public long most(String kind) {
            return kind.equals(SubjectKeys.SASL_USER) ? accounts : addresses;
        }
    }

    /** More are not counted, so that the fleet's memory stays small. */
    static final long MOST = 2000;

    /** Adds a sentence for each value that cannot be. */
    void check(List<String> wrong) {
        ConfigProblem.positive(wrong, "brake.within", within);
        ConfigProblem.inside(wrong, "brake.accounts.share", share, 0, 1);
        counted(wrong, "brake.accounts.least", least);
        counted(wrong, "brake.accounts.most", most);
        if (most < least) {
            wrong.add(ConfigProblem.bad("brake.accounts.most", most, "at least brake.accounts.least (" + least + ")")
                    .getMessage());
        }
        counted(wrong, "brake.addresses.most", addresses);
        ConfigProblem.positive(wrong, "brake.release.after", release);
        host.check(wrong);
    }

    private static void counted(List<String> wrong, String key, long value) {
        if (value < 1 || value > MOST) {
            wrong.add(ConfigProblem.bad(key, value, "a whole number from 1 to " + MOST)
                    .getMessage());
        }
    }

    /** How many accounts, blocked in that time, pull it where so many are active. */
    public long accounts(long active) {
        return Math.min(most, Math.max(least, (long) Math.ceil(share * active)));
    }
}
