package io.postbrake.detection.config;

import io.postbrake.detection.parameter.Parameters;
import io.postbrake.detection.subject.SubjectKeys;
import java.time.Duration;

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
        OneHost(Parameters p) {
            this(
                    p.lasting("brake.host.within", "1d"),
                    p.counted("brake.host.accounts.most", 20, MOST),
                    p.counted("brake.host.addresses.most", 1000, MOST));
        }

        /** The budget of accounts or of addresses, by the type of subject. */
        public long most(String kind) {
            return kind.equals(SubjectKeys.SASL_USER) ? accounts : addresses;
        }
    }

    /** More are not counted, so that the fleet's memory stays small. */
    static final long MOST = 2000;

    BrakeConfig(Parameters p) {
        this(
                p.yes("brake.enabled", true),
                p.lasting("brake.within", "10m"),
                p.inside("brake.accounts.share", 0.05, 0, 1),
                p.counted("brake.accounts.least", 10, MOST),
                p.counted("brake.accounts.most", 100, MOST),
                p.counted("brake.addresses.most", 1000, MOST),
                p.lasting("brake.release.after", "1h"),
                new OneHost(p));
        if (most < least) {
            p.bad("brake.accounts.most", most, "at least brake.accounts.least (" + least + ")");
        }
    }

    /** How many accounts, blocked in that time, pull it where so many are active. */
    public long accounts(long active) {
        return Math.min(most, Math.max(least, (long) Math.ceil(share * active)));
    }
}
