package io.postbrake.policysink;

import io.postbrake.block.EnforcementReport;
import io.postbrake.event.MailEvent;
import io.postbrake.subject.IpNetwork;
import io.postbrake.subject.Logins;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;

/** What this host tells of its enforcement. Remembers the newest blocks, so that its log can confirm them. */
final class HostReports {

    private static final String OPERATOR = "operator";
    private static final String ACCOUNT = "sasl_user:";
    private static final int MOST = 10_000;
    private static final int MOST_IDS = 100;
    private static final int MOST_OF_A_LOGIN = 64;
    /** Nobody waits longer for a word to be followed. */
    private static final Duration NEWS = Duration.ofMinutes(10);

    private final String hostId;
    private final Clock clock;
    private final BiConsumer<String, EnforcementReport> send;
    private final Map<String, EnforcementReport> bySubject = bounded();
    private final Map<String, EnforcementReport> byReference = bounded();
    /** Accounts by what the log calls them, where that is another name. */
    private final Map<String, Set<String>> byLogin = bounded();
    /** References in the log before the table's change was told here: Postfix may be faster. */
    private final Map<String, Instant> early = bounded();

    /** Ids of the blocks that were told to be in no table, by their subjects. */
    private final Map<String, String> keptOut = bounded();

    /** When the newest word was said that each subject's table follows. */
    private final Map<String, Instant> followed = bounded();

    private final Instant startedAt;

    /** How the host is. */
    record State(boolean caughtUp, long blocks, long bytes, Instant lastWrite, String problem, String queue) {}

    HostReports(String hostId, Clock clock, BiConsumer<String, EnforcementReport> send) {
        this.hostId = hostId;
        this.clock = clock;
        this.send = send;
        startedAt = now();
    }

    private static <V> Map<String, V> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > MOST;
            }
        };
    }

    /** The log names this account by these logins. */
    synchronized void inLog(String subject, List<String> logins) {
        for (String login : logins) {
            if (!subject.equals(ACCOUNT + login)) {
                Set<String> subjects = byLogin.computeIfAbsent(login, key -> new LinkedHashSet<>());
                if (subjects.size() < MOST_OF_A_LOGIN) {
                    subjects.add(subject);
                }
            }
        }
    }

    /** A block is in a table and was read back. */
    synchronized void inForce(String subject, Wanted block, boolean restored) {
        EnforcementReport report = written(subject, block, restored);
        bySubject.put(subject, report);
        send(report);
        if (block.reference() != null) {
            String reference = block.reference().toLowerCase(Locale.ROOT);
            byReference.put(reference, report);
            Instant refused = early.remove(reference);
            if (refused != null) {
                confirm(report, refused);
            }
        }
    }

    /** A block that is in a table already was said anew: news only when it is another decision. */
    synchronized void stands(String subject, Wanted block) {
        EnforcementReport told = bySubject.get(subject);
        boolean same = told != null
                && Objects.equals(told.getBlockId(), block.blockId())
                && (block.blockId() != null || block.at().equals(told.getDecidedAt()));
        if (!same) {
            inForce(subject, block, false);
        }
    }

    /** An operator's block stands in the table and does what this block is to do. */
    synchronized void behind(String subject, Wanted block) {
        send(written(subject, block, false));
    }

    /** A block is in no table because the host keeps it out: told once, so that nobody waits for it. Whether that is news. */
    synchronized boolean keptOut(String subject, Wanted block, String why) {
        String id = block.blockId();
        boolean news = id != null && !id.equals(keptOut.put(subject, id));
        if (news) {
            send(about("block", subject)
                    .setBlockId(id)
                    .setReference(block.reference())
                    .setAction(Replies.action(block).word())
                    .setDecidedAt(block.at())
                    .setEvidenceAt(block.evidenceAt())
                    .setProblem(why)
                    .build());
        }
        return news;
    }

    private EnforcementReport written(String subject, Wanted block, boolean restored) {
        return about("block", subject)
                .setBlockId(block.blockId())
                .setReference(block.reference())
                .setAction(Replies.action(block).word())
                .setDecidedAt(block.at())
                .setEvidenceAt(block.evidenceAt())
                .setWrittenAt(now())
                .setRestored(restored)
                .build();
    }

    /** A block is in no table any more. */
    synchronized void gone(String subject) {
        EnforcementReport report = bySubject.remove(subject);
        if (report != null) {
            report.setLiftedAt(now());
            send(report);
        }
    }

    /** The host's tables are as an operator's word wants them: whoever said it waits to hear that, once. Whether that is news. */
    synchronized boolean followed(String subject, Wanted word, String keptOutOrNull) {
        boolean told = word.at().equals(followed.put(subject, word.at()));
        if (!told && word.at().plus(NEWS).isAfter(now())) {
            send(about("word", subject)
                    .setAction(word.verb())
                    .setReference(word.reference())
                    .setDecidedAt(word.at())
                    .setWrittenAt(now())
                    .setProblem(keptOutOrNull)
                    .build());
        }
        return !told;
    }

    /** One event of the host's log: the first answer of Postfix that names a block confirms it. */
    synchronized void logged(MailEvent event) {
        if (event.getBlockRef() == null) {
            return;
        }
        String reference = event.getBlockRef().toLowerCase(Locale.ROOT);
        EnforcementReport report = byReference.get(reference);
        if (report == null && reference.equals(OPERATOR)) {
            report = ofOperator(event);
        }
        if (report == null) {
            early.put(reference, event.getOccurredAt());
        } else {
            confirm(report, event.getOccurredAt());
        }
    }

    /** All operators' blocks have one reference: which one it is, the line's login or client tells. */
    private EnforcementReport ofOperator(MailEvent event) {
        if (!"client".equals(event.getBlockSubjectType())) {
            String login = event.getSaslUsername();
            return login == null ? null : ofAccount(Logins.fold(login));
        }
        String ip = event.getClientIp();
        IpNetwork client = ip == null ? null : IpNetwork.parse(ip).orElse(null);
        if (client == null) {
            return null;
        }
        EnforcementReport narrowest = null;
        int prefix = -1;
        for (EnforcementReport report : bySubject.values()) {
            IpNetwork blocked = report.getSubjectType().equals("sasl_user") || report.getBlockId() != null
                    ? null
                    : IpNetwork.parse(report.getSubject()).orElse(null);
            if (blocked != null && blocked.prefix() > prefix && blocked.contains(client)) {
                narrowest = report;
                prefix = blocked.prefix();
            }
        }
        return narrowest;
    }

    private EnforcementReport ofAccount(String login) {
        EnforcementReport report = bySubject.get(ACCOUNT + login);
        if (report != null) {
            return report;
        }
        return byLogin.getOrDefault(login, Set.of()).stream()
                .map(bySubject::get)
                .filter(other -> other != null && other.getBlockId() == null)
                .findFirst()
                .orElse(null);
    }

    private void confirm(EnforcementReport report, Instant at) {
        // Operators' blocks had one reference once, and tables may have it still: an older line is of an older block.
        // Stamps may be whole seconds.
        boolean older =
                report.getBlockId() == null && at.isBefore(report.getDecidedAt().truncatedTo(ChronoUnit.SECONDS));
        if (report.getRefusedAt() == null && !older) {
            report.setRefusedAt(at.truncatedTo(ChronoUnit.MILLIS));
            send(report);
        }
    }

    synchronized void queue(String account, List<HeldMail.Held> held, HeldMail.Counts counts) {
        String subject = RelaySenders.isOwner(account) ? RelaySenders.recordKey(account, hostId) : ACCOUNT + account;
        send(about("queue", subject)
                .setHeld(held.size())
                .setReleased(counts.released())
                .setDeleted(counts.deleted())
                .setQueueIds(
                        held.stream().limit(MOST_IDS).map(HeldMail.Held::id).toList())
                .build());
    }

    synchronized void host(State state) {
        send(EnforcementReport.newBuilder()
                .setHostId(hostId)
                .setKind("host")
                .setAt(now())
                .setCaughtUp(state.caughtUp())
                .setBlocksInForce(state.blocks())
                .setMapSize(state.bytes())
                .setLastWriteAt(
                        state.lastWrite() == null ? null : state.lastWrite().truncatedTo(ChronoUnit.MILLIS))
                .setProblem(state.problem())
                .setQueue(state.queue())
                .setStartedAt(startedAt)
                .build());
    }

    /** The host is none any more: nobody is to wait for it. */
    synchronized void farewell() {
        send(EnforcementReport.newBuilder()
                .setHostId(hostId)
                .setKind("host")
                .setAt(now())
                .setStartedAt(startedAt)
                .setEndedAt(now())
                .build());
    }

    private EnforcementReport.Builder about(String kind, String subject) {
        int colon = subject.indexOf(':');
        return EnforcementReport.newBuilder()
                .setHostId(hostId)
                .setKind(kind)
                .setAt(now())
                .setSubjectType(subject.substring(0, colon))
                .setSubject(subject.substring(colon + 1));
    }

    private void send(EnforcementReport report) {
        report.setAt(now());
        send.accept(key(report), EnforcementReport.newBuilder(report).build());
    }

    /** Host and block, as a person can read it. */
    private static String key(EnforcementReport r) {
        String subject = r.getSubjectType() + ":" + r.getSubject();
        return switch (r.getKind()) {
            case "host" -> r.getHostId();
            case "block" -> r.getHostId() + "/" + (r.getBlockId() == null ? "operator/" + subject : r.getBlockId());
            default -> r.getHostId() + "/" + r.getKind() + "/" + subject;
        };
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
