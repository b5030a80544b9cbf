package io.postbrake.simulator;

import io.postbrake.subject.IpNetwork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Tells how well a guard did on a script. */
final class Score {
    private static final long GRACE = Diary.DAY;
    /** Stamps are whole seconds on some hosts: what is decided at an attack's first message may be dated before it. */
    private static final long STAMP = Diary.SECOND;

    private static final int EARLY_DAYS = 3;

    final Map<String, Tally> attacks = new TreeMap<>();
    final Map<String, Innocent> innocents = new TreeMap<>();
    /** Attacks of the first judged days, and people on those days, apart. */
    final Map<String, Tally> early = new TreeMap<>();

    final Map<String, Innocent> earlyInnocents = new TreeMap<>();

    private Script script;
    /** What is before is history and not counted. */
    private final long from;

    private final Map<String, List<Attack>> byAccount = new HashMap<>();
    private final Map<String, long[]> hostile = new HashMap<>();
    private final Map<Guard.Block, Boolean> judged = new HashMap<>();
    /** Wrong blocks from before that still stopped somebody. */
    private final Set<Guard.Block> standing = new HashSet<>();

    private final Map<Integer, Long> stoppedAt = new HashMap<>();
    private final Map<Integer, Long> passed = new HashMap<>();

    final Map<String, Telling> tellings = new TreeMap<>();

    /** What happened to attacks. */
    static final class Tally {
        long attacks;
        long blocked;
        long recipients;
        long leaked;
        final List<Long> secondsToBlock = new ArrayList<>();
        final List<Long> messagesPassed = new ArrayList<>();

        void add(Tally o) {
            attacks += o.attacks;
            blocked += o.blocked;
            recipients += o.recipients;
            leaked += o.leaked;
            secondsToBlock.addAll(o.secondsToBlock);
            messagesPassed.addAll(o.messagesPassed);
        }

        double leak() {
            return recipients == 0 ? 0 : (double) leaked / recipients;
        }

        double blockedShare() {
            return attacks == 0 ? 1 : (double) blocked / attacks;
        }
    }

    /** What happened to people who did nothing wrong. */
    static final class Innocent {
        long userDays;
        long mails;
        long stopped;
        /** Owner's mail stopped while the account really was stolen. */
        long beside;

        long held;
        long deferred;
        long rejected;
        final Map<String, Long> reasons = new TreeMap<>();

        long falseBlocks() {
            return held + deferred + rejected;
        }

        void add(Innocent o) {
            userDays += o.userDays;
            mails += o.mails;
            stopped += o.stopped;
            beside += o.beside;
            held += o.held;
            deferred += o.deferred;
            rejected += o.rejected;
            o.reasons.forEach((k, v) -> reasons.merge(k, v, Long::sum));
        }

        double stoppedShare() {
            return mails == 0 ? 0 : (double) stopped / mails;
        }

        double per10000() {
            return userDays == 0 ? 0 : 1e4 * falseBlocks() / userDays;
        }
    }

    private Score(Script script, int history) {
        this.script = script;
        this.from = script.start() + history * Diary.DAY;
        script.attacks()
                .forEach(a -> byAccount
                        .computeIfAbsent(a.account(), k -> new ArrayList<>())
                        .add(a));
        for (Action action : script.actions()) {
            if (!action.legitimate()) {
                long[] span = hostile.computeIfAbsent(action.client().ip(), k -> new long[] {action.at(), 0});
                span[1] = action.at();
            }
        }
    }

    /** Runs the whole script against a guard. */
    static Score of(Script script, Guard guard) {
        return of(script, guard, 0, false);
    }

    /**
     * Runs the script against a guard, and counts what happens after its first {@code history} days: neither those days'
     * mail nor attacks that began on them.
     *
     * @param watched whether the guard is there on those days; otherwise it comes when they are over
     */
    static Score of(Script script, Guard guard, int history, boolean watched) {
        Score score = new Score(script, history);
        for (Action action : script.actions()) {
            boolean judged = action.at() >= score.from;
            if (!judged && !watched) {
                continue;
            }
            if (action instanceof Action.Failure failure) {
                guard.failed(failure);
            } else if (action instanceof Action.Login login) {
                guard.read(login);
            } else if (action instanceof Action.Local local) {
                guard.submitted(local);
            } else if (action instanceof Action.Mail mail) {
                Guard.Block block = guard.offered(mail);
                if (judged) {
                    score.count(mail, block);
                }
            }
        }
        guard.over();
        score.conclude(guard.blocks());
        score.tellings.putAll(Telling.of(script, guard.told(), score.from));
        score.forget();
        return score;
    }

    private void count(Action.Mail m, Guard.Block block) {
        if (m.legitimate() && m.refusal() != null) {
            return; // It would not have gone out anyway; a block of its account counts all the same.
        }
        if (m.legitimate()) {
            Innocent innocent = innocent(m.at(), script.behaviours().get(m.account()));
            innocent.mails++;
            boolean wrong = block != null && wrong(block);
            innocent.stopped += wrong ? 1 : 0;
            if (wrong && block.at() < from && standing.add(block)) {
                add(innocent, block);
            }
            innocent.beside += block != null && !wrong ? 1 : 0;
            return;
        }
        if (block == null) {
            passed.merge(m.attack(), 1L, Long::sum);
        }
        Attack attack = script.attacks().get(m.attack());
        if (attack.start() < from) {
            return;
        }
        Tally tally = tally(attack);
        // What the host refuses by itself reaches nobody, with a guard and without.
        tally.recipients += m.refusal() == null ? m.recipients() : 0;
        tally.leaked += block == null && m.refusal() == null ? m.recipients() : 0;
        if (block != null && stoppedAt.putIfAbsent(m.attack(), m.at()) == null) {
            long seconds = (m.at() - attack.start()) / 1000;
            long messages = passed.getOrDefault(m.attack(), 0L);
            tally.blocked++;
            tally.secondsToBlock.add(seconds);
            tally.messagesPassed.add(messages);
        }
    }

    /** An attack that begins on the first days, when nothing is known yet, is counted apart. */
    private Tally tally(Attack attack) {
        return (early(attack.start()) ? early : attacks)
                .computeIfAbsent(attack.kind().name(), k -> new Tally());
    }

    private void conclude(List<Guard.Block> blocks) {
        script.attacks().stream().filter(a -> a.start() >= from).forEach(a -> tally(a).attacks++);
        long days = script.days() - (from - script.start()) / Diary.DAY;
        long earlyDays = Math.min(EARLY_DAYS, days);
        script.behaviours().forEach((account, behaviour) -> {
            innocent(from, behaviour).userDays += earlyDays;
            innocents.computeIfAbsent(behaviour, k -> new Innocent()).userDays += days - earlyDays;
        });
        for (Guard.Block block : blocks) {
            if (block.at() >= from && wrong(block)) {
                String who =
                        block.byAddress() ? "addresses" : script.behaviours().getOrDefault(block.subject(), "nobody");
                add(innocent(block.at(), who), block);
            }
        }
    }

    /** What happened is counted: a score is kept longer than the fleet that it is of. */
    private void forget() {
        script = null;
        byAccount.clear();
        hostile.clear();
        judged.clear();
        standing.clear();
        stoppedAt.clear();
        passed.clear();
    }

    private static void add(Innocent innocent, Guard.Block block) {
        switch (block.action()) {
            case "hold" -> innocent.held++;
            case "defer" -> innocent.deferred++;
            default -> innocent.rejected++;
        }
        innocent.reasons.merge(block.reason(), 1L, Long::sum);
    }

    private Innocent innocent(long at, String behaviour) {
        return (early(at) ? earlyInnocents : innocents).computeIfAbsent(behaviour, k -> new Innocent());
    }

    private boolean early(long at) {
        return at < from + EARLY_DAYS * Diary.DAY;
    }

    /** From the first to the last hostile action of a range of addresses; null without one. */
    private long[] ofRange(String cidr) {
        Optional<IpNetwork> range = IpNetwork.parse(cidr).filter(net -> !net.single());
        long[] all = null;
        for (Map.Entry<String, long[]> one : hostile.entrySet()) {
            boolean inside = range.isPresent()
                    && IpNetwork.parse(one.getKey())
                            .filter(range.get()::contains)
                            .isPresent();
            if (inside) {
                long[] span = one.getValue();
                all = all == null ? span.clone() : new long[] {Math.min(all[0], span[0]), Math.max(all[1], span[1])};
            }
        }
        return all;
    }

    /** A block is wrong unless its subject is being abused, or was within the last day. */
    private boolean wrong(Guard.Block block) {
        return judged.computeIfAbsent(block, b -> {
            if (b.byAddress()) {
                long[] span = hostile.computeIfAbsent(b.subject(), this::ofRange);
                return span == null || b.at() < span[0] - STAMP || b.at() > span[1] + GRACE;
            }
            return byAccount.getOrDefault(b.subject(), List.of()).stream()
                    .noneMatch(a -> b.at() >= a.start() - STAMP && b.at() <= a.end() + GRACE);
        });
    }

    Tally total() {
        return sum(attacks);
    }

    Innocent totalInnocent() {
        return sumInnocent(innocents);
    }

    Tally totalEarly() {
        return sum(early);
    }

    Innocent totalEarlyInnocent() {
        return sumInnocent(earlyInnocents);
    }

    private static Tally sum(Map<String, Tally> tallies) {
        Tally sum = new Tally();
        tallies.values().forEach(sum::add);
        return sum;
    }

    private static Innocent sumInnocent(Map<String, Innocent> innocents) {
        Innocent sum = new Innocent();
        innocents.values().forEach(sum::add);
        return sum;
    }
}
