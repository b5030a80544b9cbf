package io.postbrake.postfixlog.envelope;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How the lines of a log are wrapped, as a setting says it: {@code auto}, to find it once by the log's first lines, {@code none},
 * or the names of up to three envelopes, the outermost first, such as {@code compose+timestamp}.
 */
public final class Envelopes {
    /** Envelopes within each other, at most. */
    static final int DEEPEST = 3;

    private static final String FOUND = "auto";
    private static final String TAGGED = "syslog:";

    private final String text;
    /** None when they are to be found. */
    private final List<Function<JournalRule, Envelope>> chain;

    private final JournalRule journal;
    /** Where they are found: the outermost one that is known all the same, none or one. */
    private final List<Function<JournalRule, Envelope>> outermost;

    private Envelopes(String text, List<Function<JournalRule, Envelope>> chain, JournalRule journal) {
        this(text, chain, journal, List.of());
    }

    private Envelopes(
            String text,
            List<Function<JournalRule, Envelope>> chain,
            JournalRule journal,
            List<Function<JournalRule, Envelope>> outermost) {
        this.text = text;
        this.chain = chain;
        this.journal = journal;
        this.outermost = outermost;
    }

    /** They are found by the log's first lines. */
    public static Envelopes auto() {
        return new Envelopes(FOUND, List.of(), JournalRule.SYSTEM);
    }

    /**
     * Reads the setting.
     *
     * @throws IllegalArgumentException naming what is wrong and what would be right
     */
    public static Envelopes of(String setting) {
        return of(Arrays.asList(setting.split("[,+]", -1)));
    }

    /**
     * Reads the setting, of which each envelope is one text.
     *
     * @throws IllegalArgumentException naming what is wrong and what would be right
     */
    public static Envelopes of(List<String> setting) {
        List<String> names = setting.stream()
                .flatMap(s -> Arrays.stream(s.split("[+]", -1)))
                .map(String::strip)
                .toList();
        if (names.equals(List.of(FOUND))) {
            return auto();
        }
        if (names.equals(List.of("none"))) {
            return new Envelopes("none", List.of(), JournalRule.SYSTEM);
        }
        if (names.isEmpty() || names.size() > DEEPEST) {
            throw new IllegalArgumentException(
                    "give 'auto', 'none', or one to " + DEEPEST + " envelopes, the outermost first, of: " + known());
        }
        List<Function<JournalRule, Envelope>> chain = new ArrayList<>();
        for (String name : names) {
            chain.add(maker(name));
        }
        return new Envelopes(String.join("+", names), List.copyOf(chain), JournalRule.SYSTEM);
    }

    private static Function<JournalRule, Envelope> maker(String name) {
        if (name.startsWith(TAGGED) && name.length() > TAGGED.length()) {
            String tag = name.substring(TAGGED.length());
            return rule -> new SyslogEnvelope(tag);
        }
        for (Kind kind : Kind.values()) {
            if (kind.id().equals(name)) {
                return kind::make;
            }
        }
        throw new IllegalArgumentException("'" + name + "' is no envelope: give 'auto', 'none', or some of " + known());
    }

    private static String known() {
        return Arrays.stream(Kind.values()).map(Kind::id).collect(Collectors.joining(", ")) + ", " + TAGGED + "TAG";
    }

    /** Whether a record takes several lines of the log, so that a line says nothing by itself; unknown ones are taken not to. */
    public boolean takeSeveralLines() {
        return Arrays.stream(Kind.values())
                .anyMatch(kind ->
                        kind.severalLines() && List.of(text.split("[+]")).contains(kind.id()));
    }

    /** The same, where other senders of a journal's records are believed than {@link JournalRule#SYSTEM} says. */
    public Envelopes believing(JournalRule senders) {
        return new Envelopes(text, chain, senders, outermost);
    }

    /**
     * The same for a log of which the outermost envelope is known: where they are found, it opens the first line already. A
     * setting that names envelopes stands.
     */
    public Envelopes within(String name) {
        return areFound() ? new Envelopes(text, chain, journal, List.of(maker(name))) : this;
    }

    /** Which records of a journal count. */
    JournalRule journal() {
        return journal;
    }

    boolean areFound() {
        return text.equals(FOUND);
    }

    /** The outermost one that is known before any line was read; none or one. */
    Envelope[] makeOutermost() {
        return outermost.stream().map(maker -> maker.apply(journal)).toArray(Envelope[]::new);
    }

    /** New envelopes for one log. */
    Envelope[] make() {
        return chain.stream().map(maker -> maker.apply(journal)).toArray(Envelope[]::new);
    }

    @Override
    public String toString() {
        return text;
    }
}
