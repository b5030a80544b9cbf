package io.postbrake.cli;

import io.postbrake.alert.Alert;
import io.postbrake.block.Block;
import io.postbrake.block.OperatorOverride;
import io.postbrake.detection.subject.Phase;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.wire.OperatorReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A story on one screen of a terminal: at most 40 lines of 80 columns, plain ASCII. */
final class StoryPicture {

    /** Column at which opinions begin. */
    private static final int OPINION_AT = 18;
    /** So much longer is a day with its minute than a time with its second. */
    private static final int MORE_OF_A_DAY = 4;

    private static final int WIDTH = 80;
    private static final int STAYS = 8;
    private static final int HOURS = 6;
    private static final int OPINIONS = 6;
    private static final int BAR = 40;

    private final OverrideWriter.Target target;
    private final Story story;
    private final Times times;
    private final boolean colour;
    private final List<String> lines = new ArrayList<>();

    StoryPicture(Story story, Times times, boolean colour) {
        this(OverrideWriter.Target.of(story.subject()), story, times, colour);
    }

    /** @param target whom the story is of */
    StoryPicture(OverrideWriter.Target target, Story story, Times times, boolean colour) {
        this.target = target;
        this.story = story;
        this.times = times;
        this.colour = colour;
    }

    List<String> lines() {
        head();
        if (!target.withoutLogin()) { // Its messages are not on the topic by its name; what was found says how many.
            usual();
            rate();
            stays();
        }
        opinions();
        decide();
        return List.copyOf(lines);
    }

    private void head() {
        Alert a = story.alert();
        String state = a == null ? "no incident" : a.getSeverity().toUpperCase(Locale.ROOT) + " " + a.getState();
        line(
                story.subject() + "   " + state,
                a != null && a.getSeverity().equals("critical") ? "\033[1;31m" : "\033[1m");
        blocks();
        for (String host : story.disobeying()) {
            line("NOT OBEYED on " + host + ", which accepts its mail; there: postbrake postfix check", "\033[1;31m");
        }
        if (a != null) {
            String hosts =
                    a.getConfirmedHosts().stream().map(h -> h.getHostId()).collect(Collectors.joining(", "));
            line("since " + times.day(a.getStartedAt()) + ", risk " + percent(a.getScore())
                    + (hosts.isEmpty() ? ", no host has refused yet" : ", refused on " + hosts));
        }
        if (story.word() != null) {
            line("operator: " + story.word().getVerb() + " by " + story.word().getActor() + " at "
                    + times.day(story.word().getAt()) + times.until(story.word().getEndsAt()) + ": "
                    + story.word().getReason());
        }
    }

    private void blocks() {
        Force force = story.block() == null ? null : Force.of(story.block(), story.word(), times.now());
        OperatorOverride own = story.operatorsBlock(times.now());
        OperatorOverride network = story.networksBlock(times.now());
        boolean detectors = force != null && force.inForce();
        if (own != null) {
            line("blocked: " + by(own));
            line("its refusals carry [pb:"
                    + OperatorReference.of(own.getSubjectType() + ":" + own.getSubject(), own.getAt()) + "]");
        }
        if (detectors) {
            line((own == null ? "blocked: " : "behind it the detector's: ")
                    + story.block().getAction()
                    + times.until(story.block().getEndsAt()) + there(story.block()) + ", [pb:"
                    + story.block().getReference() + "]");
        }
        if (network != null) {
            line("blocked with " + network.getSubject() + ": " + by(network));
        }
        if (!story.enforced() && (own != null || network != null || detectors)) {
            line("in force nowhere: no host has an enforcer, Postbrake only watches");
        }
        if (own == null && network == null && force != null && !force.inForce()) {
            line("not blocked any more: " + force.said() + "; the detector's block [pb:"
                    + story.block().getReference() + "] is still on its topic");
        } else if (own == null && network == null && force == null) {
            line("not blocked");
        }
    }

    private String there(Block block) {
        if (block.getOnlyHost() != null && target.withoutLogin()) {
            return " on " + block.getOnlyHost() + ", where it sends";
        }
        return block.getOnlyHost() == null
                ? ""
                : " on " + block.getOnlyHost() + " alone, as no other host bears it out";
    }

    private String by(OperatorOverride word) {
        return (word.getAction() == null ? "reject" : word.getAction()) + times.until(word.getEndsAt())
                + ", by an operator (" + word.getActor() + ")";
    }

    private void usual() {
        List<Submission> before = story.before();
        List<Submission> since = story.since();
        long days = before.stream()
                .filter(s -> Phase.of(s) == Phase.ACCEPTED)
                .map(s -> s.getOccurredAt().atZone(times.zone()).toLocalDate())
                .distinct()
                .count();
        title("USUAL (" + story.span().toDays() + " days)" + " ".repeat(24) + "THIS TIME");
        pair(
                days == 0
                        ? "no mail known"
                        : String.format(
                                Locale.ROOT,
                                "%.1f messages on a day with mail",
                                (double) Story.accepted(before) / days),
                since.isEmpty() ? "nothing" : Story.accepted(since) + " messages" + rate(since));
        pair("from " + places(before), "from " + places(since));
        long refused = since.stream()
                .filter(s -> Phase.of(s) == Phase.REFUSED)
                .mapToLong(Submission::getRepeats)
                .sum();
        pair("", refused == 0 ? "" : refused + " refused");
    }

    private static String rate(List<Submission> of) {
        Duration length = Duration.between(
                of.get(0).getOccurredAt(), of.get(of.size() - 1).getOccurredAt());
        return " in " + Times.length(length);
    }

    private static String places(List<Submission> of) {
        Map<String, Long> all = Story.places(of);
        String first = all.entrySet().stream()
                .limit(3)
                .map(e -> Text.plain(e.getKey()) + " " + e.getValue())
                .collect(Collectors.joining(", "));
        return all.isEmpty() ? "nowhere" : all.size() > 3 ? first + " ..." : first;
    }

    private void pair(String left, String right) {
        if (!left.isEmpty() || !right.isEmpty()) {
            line(String.format(Locale.ROOT, "  %-37s %s", Text.cut(left, 37), right));
        }
    }

    private void rate() {
        Map<Long, Long> hours = story.hours();
        if (hours.isEmpty()) {
            return;
        }
        long most = hours.values().stream().mapToLong(n -> n).max().orElse(1);
        title("MESSAGES AN HOUR, the last hours with any");
        hours.entrySet().stream().skip(Math.max(0, hours.size() - HOURS)).forEach(e -> {
            Instant hour = Instant.ofEpochSecond(e.getKey() * 3600);
            int bar = (int) Math.max(1, Math.round((double) BAR * e.getValue() / most));
            line(String.format(Locale.ROOT, "  %s  %-" + BAR + "s %d", times.day(hour), "#".repeat(bar), e.getValue()));
        });
    }

    private void stays() {
        List<Story.Stay> all = story.stays();
        if (all.isEmpty()) {
            return;
        }
        title("LOGINS AND SENDS" + (all.size() > STAYS ? ", the last " + STAYS + " of " + all.size() : ""));
        var table = new Table();
        all.stream()
                .skip(Math.max(0, all.size() - STAYS))
                .forEach(s -> table.row(
                        (s.from().isBefore(story.turn()) || story.alert() == null ? "  " : "! ")
                                + times.day(s.from())
                                + end(s),
                        Text.cut(s.place(), 20),
                        s.address(),
                        Text.cut(s.host(), 12),
                        counts(s)));
        table.lines().forEach(l -> line(l, l.startsWith("!") ? "\033[31m" : null));
    }

    private String end(Story.Stay s) {
        if (s.from().equals(s.to())) {
            return "";
        }
        return "-" + (times.sameDay(s.from(), s.to()) ? times.minute(s.to()) : times.day(s.to()));
    }

    private static String counts(Story.Stay s) {
        List<String> counts = new ArrayList<>();
        counts.add(s.sent() + " sent");
        if (s.read() > 0) {
            counts.add(s.read() + (s.read() == 1 ? " mailbox login" : " mailbox logins"));
        }
        if (s.held() > 0) {
            counts.add(s.held() + " held");
        }
        if (s.refused() > 0) {
            counts.add(s.refused() + " refused");
        }
        return String.join(", ", counts);
    }

    private void opinions() {
        List<Finding> all = story.opinions();
        if (all.isEmpty()) {
            return;
        }
        var table = new Table();
        List<Finding> told = all.subList(0, Math.min(OPINIONS, all.size()));
        // Of one day the seconds say in which order; of several, the day says more.
        Instant first = told.get(0).getOccurredAt();
        boolean oneDay = told.stream().allMatch(f -> times.sameDay(f.getOccurredAt(), first));
        title(oneDay && !times.sameDay(first, times.now()) ? "WHY, on " + times.date(first) : "WHY");
        for (Finding f : told) {
            String at = oneDay ? times.clock(f.getOccurredAt()) : times.day(f.getOccurredAt());
            table.row(
                    "  " + at,
                    f.getScore() < 0.005 ? "" : percent(f.getScore()), // It weighs on the block's kind only.
                    whole(f, OPINION_AT + (oneDay ? 0 : MORE_OF_A_DAY)));
        }
        table.lines().forEach(this::line);
    }

    /** What it saw, and by which detector where a line has room for both. */
    private static String whole(Finding f, int from) {
        String both = f.getTitle() + " (" + f.getDetector() + ")";
        return both.length() <= WIDTH - from ? both : f.getTitle();
    }

    private void decide() {
        boolean open = story.alert() != null && !story.alert().getState().equals("RESOLVED");
        if (!open && story.block() == null && story.operatorsBlock(times.now()) == null) {
            return;
        }
        title("DECIDE");
        if (target.withoutLogin()) {
            ofWhoHasNoLogin();
            return;
        }
        if (target.isAccount()) {
            line("  theft      1. a new password, and whatever else lets the thief in goes");
            line("             2. postbrake unblock " + story.subject() + " --reason ...");
            line("             3. postbrake queue list " + story.subject() + ", then");
            line("                postbrake queue release|delete " + story.subject() + " --reason ...");
        } else {
            line("  a guesser  nothing: the block ends by itself when the attempts end");
        }
        line("  the owner  postbrake unblock " + story.subject() + " --reason ...");
        line("  a sender   postbrake allow " + story.subject() + " --for 7d --reason ...");
        runbook();
    }

    private void ofWhoHasNoLogin() {
        line("  abuse      1. mend or switch off the program that sends it");
        line("             2. postbrake unblock SUBJECT --reason ...");
        if (target.type().equals(SubjectKeys.RELAY_SENDER)) {
            line("             3. postbrake queue list SUBJECT, then");
            line("                postbrake queue release|delete SUBJECT --reason ...");
        }
        line("  its own    postbrake unblock SUBJECT --reason ..., and");
        line("             postbrake allow SUBJECT --for 7d --reason ...");
        runbook();
        // Whole, for it is to be pasted; the sender is a stranger's text.
        lines.add("  SUBJECT    '" + Text.plain(target.key()).replace("'", "'\\''") + "'");
    }

    private void runbook() {
        if (story.alert() != null && story.alert().getRunbook() != null) {
            line("  runbook    " + story.alert().getRunbook());
        }
    }

    private static String percent(double score) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * score);
    }

    private void title(String text) {
        line("");
        line(text, "\033[1m");
    }

    private void line(String text) {
        line(text, null);
    }

    private void line(String text, String style) {
        String plain = Text.cut(Text.plain(text), WIDTH).stripTrailing();
        lines.add(colour && style != null ? style + plain + "\033[0m" : plain);
    }
}
