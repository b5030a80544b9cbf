package io.postbrake.policysink;

import io.postbrake.subject.IpNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends open sessions of accounts that Dovecot does not let in any more from where they are, and lets those from home go on. Nothing
 * waits for it. {@code doveadm} is started without a shell, with login and address as arguments of their own.
 */
final class MailboxSessions implements Enforcement.Told, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MailboxSessions.class);
    /** doveadm's status when there is nobody to end a session of. */
    private static final int NOBODY = 68;
    /** Dovecot looks at its file once a second: who came in meanwhile is looked for again. */
    private static final List<Long> AFTER_MS = List.of(0L, 2500L);

    private static final int MOST_WAITING = 10_000;
    private static final int MOST_ADDRESSES = 100;
    private static final String ACCOUNT = "sasl_user:";

    private final DovecotConfig config;
    private final Mailboxes mailboxes;
    private final ScheduledThreadPoolExecutor worker;
    private final AtomicLong ended = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();

    MailboxSessions(DovecotConfig config, Mailboxes mailboxes) {
        this.config = config;
        this.mailboxes = mailboxes;
        worker = new ScheduledThreadPoolExecutor(1, task -> {
            var thread = new Thread(task, "postbrake-dovecot-sessions");
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public void inForce(String recordKey, Wanted block, boolean restored) {
        if (config.kick().isEmpty()) {
            return;
        }
        String login = recordKey.substring(ACCOUNT.length());
        if (login.chars().anyMatch(c -> c == '*' || c == '?' || c == '\\') || !login.equals(login.strip())) {
            failures.incrementAndGet();
            LOG.warn("sessions of a login that would be a pattern to doveadm are left alone");
            return;
        }
        if (worker.getQueue().size() >= MOST_WAITING) {
            failures.incrementAndGet();
            LOG.error("open sessions of a blocked account are left alone: too many wait");
            return;
        }
        Set<String> left = mailboxes.left(block);
        AFTER_MS.forEach(after -> worker.schedule(() -> endAll(login, left), after, TimeUnit.MILLISECONDS));
    }

    private void endAll(String login, Set<String> left) {
        try {
            List<IpNetwork> homes =
                    left.stream().flatMap(net -> IpNetwork.parse(net).stream()).toList();
            for (String ip : addresses(run("-f", "tab", "who", "-1", "--", login))) {
                IpNetwork address = IpNetwork.parse(ip).orElse(null);
                if (address != null && homes.stream().noneMatch(address::overlaps)) {
                    run("kick", "--", login, address.cidr());
                    ended.incrementAndGet();
                    LOG.info("sessions of a blocked account from {} were ended", address.cidr());
                }
            }
        } catch (IOException | RuntimeException e) {
            failures.incrementAndGet();
            LOG.error("open sessions of a blocked account go on: {}", inert(e.getMessage()));
        }
    }

    /**
     * The column of addresses, whichever of the release's columns that is. Before the columns' names may stand what doveadm warns of, such
     * as a setting with an earlier release's name.
     */
    static Set<String> addresses(String who) {
        int column = -1;
        Set<String> result = new LinkedHashSet<>();
        for (String line : who.split("\n")) {
            List<String> words = List.of(line.split("\t"));
            if (column < 0) {
                column = line.startsWith("username\t") ? words.indexOf("ip") : -1;
            } else if (words.size() > column && result.size() < MOST_ADDRESSES) {
                result.add(words.get(column));
            }
        }
        return result;
    }

    private String run(String... more) throws IOException {
        List<String> command = new ArrayList<>(config.kick());
        command.addAll(List.of(more));
        PostfixCommands.Output output = PostfixCommands.output(command, "");
        if (output.status() != 0 && output.status() != NOBODY) {
            throw new IOException(config.kick().get(0) + " exited with " + output.status() + ": "
                    + output.text().strip());
        }
        return output.text();
    }

    private static String inert(String text) {
        String one = String.valueOf(text).replaceAll("[\\p{Cntrl}\\p{Cf}\\u0080-\\u009f\\u2028\\u2029]", "?");
        return one.length() > 300 ? one.substring(0, 300) : one;
    }

    /** Addresses whose sessions were ended. */
    long ended() {
        return ended.get();
    }

    /** Accounts whose sessions could not be looked at or ended. */
    long failures() {
        return failures.get();
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
