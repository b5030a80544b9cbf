package io.postbrake.policysink;

import io.postbrake.event.MailEvent;
import io.postbrake.subject.Logins;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What an enforcer does on its host beside the tables; none of it may hold up or stop a block. */
final class HostDuties implements Enforcement.Told, AutoCloseable {

    private static final String ACCOUNT = "sasl_user:";
    /** Keys of operators' words on waiting mail; the words on the subject itself stand beside them. */
    private static final String QUEUE = "queue:";

    private final HostPolicy policy;
    private final Clock clock;
    private final ReportTurns turns;
    private final Reporter reporter;
    private final boolean farewell;
    private final HostReports reports;
    private final QueueKeeper keeper;
    private final LogWatch watch;
    /** Null where no command is configured. */
    private final Hook hookOrNull;

    private HostDuties(HostConfig config, HostPolicy policy, Clock clock) throws IOException {
        this.policy = policy;
        this.clock = clock;
        turns = new ReportTurns(config.interval());
        reporter = config.reports() ? config.reporter() : null;
        farewell = config.saysFarewell();
        reports = new HostReports(config.hostId(), clock, (key, report) -> {
            if (reporter != null) {
                reporter.send(key, report);
            }
        });
        keeper = new QueueKeeper(
                config.readsLogs() ? config.queues() : List.of(),
                new QueueIndex(config.index()),
                new HeldMail(config.held()),
                policy::blocks,
                clock,
                reports::queue);
        hookOrNull = Hook.beginOrNull(config.hook(), config.hostId(), config.hooked(), clock);
        watch = new LogWatch(
                config.hostLogs(), config.history(), config.hostId(), config.holdsRelayed(), clock, this::logged);
    }

    /** Begins to read the host's log and to report. */
    static HostDuties begin(HostConfig config, HostPolicy policy, Clock clock) throws IOException {
        var duties = new HostDuties(config, policy, clock);
        policy.onChanged(duties);
        return duties;
    }

    private void logged(MailEvent event) {
        reports.logged(event);
        keeper.logged(event);
    }

    @Override
    public void inForce(String recordKey, Wanted block, boolean restored) {
        turns.changed();
        hook(recordKey, block, restored);
        if (!recordKey.startsWith(ACCOUNT)) {
            reports.inForce(recordKey, block, restored);
            if (!restored) {
                holdRelayed(recordKey);
            }
            return;
        }
        List<String> inLog = policy.inLog(recordKey.substring(ACCOUNT.length()));
        reports.inLog(recordKey, inLog);
        reports.inForce(recordKey, block, restored);
        if (!restored) {
            inLog.forEach(keeper::inForce);
        }
    }

    @Override
    public void stands(String recordKey, Wanted block) {
        reports.stands(recordKey, block);
        hook(recordKey, block, false);
    }

    private void hook(String recordKey, Wanted block, boolean restored) {
        if (hookOrNull != null) {
            hookOrNull.inForce(recordKey, block, restored);
        }
    }

    @Override
    public void behind(String recordKey, Wanted block) {
        reports.behind(recordKey, block);
    }

    @Override
    public void keptOut(String recordKey, Wanted block, String why) {
        if (reports.keptOut(recordKey, block, why)) {
            holdRelayed(recordKey);
        }
    }

    /** What a client relays is held where it waits, whether it can be refused or not. */
    private void holdRelayed(String recordKey) {
        String owner = RelaySenders.ownerOrNull(recordKey);
        if (owner != null && policy.blocks(owner)) {
            keeper.inForce(owner);
        }
    }

    @Override
    public void gone(String recordKey) {
        turns.changed();
        reports.gone(recordKey);
        if (hookOrNull != null) {
            hookOrNull.gone(recordKey);
        }
    }

    @Override
    public void followed(String recordKey, Wanted word, String keptOutOrNull) {
        if (reports.followed(recordKey, word, keptOutOrNull) && keptOutOrNull != null) {
            holdRelayed(recordKey);
        }
    }

    /** The tables agree with the topics: what waits of all who are blocked is held. */
    void caughtUp() {
        keeper.allInForce();
        turns.atOnce();
    }

    /** Whether a record key is about waiting mail. */
    static boolean concerns(String recordKey) {
        return recordKey.startsWith(QUEUE);
    }

    /**
     * Takes an operator's newest word on an account's waiting mail; null withdraws it. What waits is released under each name that
     * this host's log has for the account, but deleted under the very name that was said: without SMTPUTF8 the log has one name
     * for several accounts.
     */
    void word(String recordKey, Wanted word) {
        if (word == null) {
            return;
        }
        String subject = recordKey.substring(QUEUE.length());
        String owner = RelaySenders.ownerOrNull(subject);
        if (owner != null && policy.isHere(subject)) {
            keeper.decided(owner, word.verb(), word.at());
        }
        if (!subject.startsWith(ACCOUNT)) {
            return;
        }
        String login = subject.substring(ACCOUNT.length());
        String said = Logins.fold(login);
        switch (word.verb()) {
            case "delete" -> keeper.decided(said, word.verb(), word.at());
            case "release" -> {
                Set<String> names = new LinkedHashSet<>(policy.inLog(login));
                names.add(said);
                names.forEach(name -> keeper.decided(name, word.verb(), word.at()));
            }
            default -> {
                // A word that is not about waiting mail.
            }
        }
    }

    /** Reports how the host is when that is due; {@code problem} keeps its tables from being written, null for none. */
    void tick(String problem) {
        if (turns.take(clock.instant())) {
            reports.host(policy.state(problem, keeper.state()));
        }
    }

    /** Reports that were given up. */
    long dropped() {
        return reporter == null ? 0 : reporter.dropped();
    }

    /** The command that is run after a block; null where none is. */
    Hook hookOrNull() {
        return hookOrNull;
    }

    @Override
    public void close() {
        if (hookOrNull != null) {
            hookOrNull.close();
        }
        watch.close();
        keeper.close();
        if (farewell) {
            reports.farewell();
        }
        if (reporter != null) {
            reporter.close();
        }
    }
}
