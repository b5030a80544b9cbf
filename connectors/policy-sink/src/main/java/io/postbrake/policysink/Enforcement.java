package io.postbrake.policysink;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Folds blocks and operators' words into the entries that the map should have. The newer word wins over the block; an
 * ended one counts no more, by this host's own clock. Until {@link #caughtUp} the map stays as it is.
 */
final class Enforcement {

    private static final String ACCOUNT = "sasl_user:";
    /** In bytes, as LMDB's limit of 511 is: a longer one is no login of anybody. */
    private static final int MAX_KEY = 320;

    private static final Set<String> NEVER = Set.of("postmaster", "abuse");

    private final PolicyMap map;
    private final Clock clock;
    private final Map<String, Wanted> blocks = new HashMap<>();
    private final Map<String, Wanted> words = new HashMap<>();
    private boolean caughtUp;
    private long refused;

    Enforcement(PolicyMap map, Clock clock) {
        this.map = map;
        this.clock = clock;
    }

    /** Takes the newest block of a record key; null is a tombstone. Nothing is written before {@link #write}. */
    void block(String key, Wanted block, Set<String> touched) {
        take(blocks, key, block, touched);
    }

    /** Takes an operator's newest word on a record key; null withdraws it. */
    void word(String key, Wanted word, Set<String> touched) {
        take(words, key, word, touched);
    }

    private void take(Map<String, Wanted> into, String key, Wanted value, Set<String> touched) {
        if (key == null || !key.startsWith(ACCOUNT)) {
            return;
        }
        String login = key.substring(ACCOUNT.length()).toLowerCase(Locale.ROOT);
        if (!sound(login)) {
            refused++;
            return;
        }
        if (value == null) {
            into.remove(login);
        } else {
            into.put(login, value);
        }
        touched.add(login);
    }

    /** Writes what the touched logins should have now. */
    void write(Set<String> touched) throws IOException {
        if (!caughtUp) {
            return; // An older record must neither lift nor set what a newer one says otherwise.
        }
        Instant now = clock.instant();
        Map<String, String> changes = new LinkedHashMap<>();
        for (String login : touched) {
            String wanted = entry(login, now);
            if (!Objects.equals(wanted, map.get(login))) {
                changes.put(login, wanted);
            }
        }
        if (!changes.isEmpty()) {
            map.apply(changes);
        }
    }

    /** The topics were read from their beginning to the end seen then: what was not seen there goes. */
    void caughtUp() throws IOException {
        if (!caughtUp) {
            Set<String> all = new HashSet<>(map.all().keySet());
            all.addAll(blocks.keySet());
            all.addAll(words.keySet());
            caughtUp = true;
            try {
                write(all);
            } catch (IOException e) {
                caughtUp = false; // All of it is due again at the next try.
                throw e;
            }
        }
    }

    boolean isCaughtUp() {
        return caughtUp;
    }

    /** Removes entries that ended. */
    void tick() throws IOException {
        Instant now = clock.instant();
        Set<String> ended = new HashSet<>();
        blocks.forEach((login, b) -> {
            if (b.ended(now)) {
                ended.add(login);
            }
        });
        words.forEach((login, w) -> {
            if (w.ended(now)) {
                ended.add(login);
            }
        });
        if (!ended.isEmpty()) {
            write(ended);
            blocks.values().removeIf(b -> b.ended(now));
            words.values().removeIf(w -> w.ended(now));
        }
    }

    /** Records whose subject cannot be a map key. */
    long refused() {
        return refused;
    }

    private String entry(String login, Instant now) {
        if (NEVER.contains(login.contains("@") ? login.substring(0, login.indexOf('@')) : login)) {
            return null;
        }
        Wanted block = blocks.get(login);
        if (block != null && block.ended(now)) {
            block = null;
        }
        Wanted word = words.get(login);
        if (word != null && !word.ended(now)) {
            switch (word.verb()) {
                case "allow" -> block = null;
                case "block" -> block = word;
                case "unblock" -> {
                    // Only evidence that is newer than the word can block again.
                    if (block != null
                            && !(block.evidenceAt().isAfter(word.at())
                                    && block.at().isAfter(word.at()))) {
                        block = null;
                    }
                }
                default -> refused++;
            }
        }
        return block == null ? null : Reply.of(block);
    }

    private static boolean sound(String login) {
        return !login.isEmpty()
                && login.getBytes(StandardCharsets.UTF_8).length <= MAX_KEY
                && StandardCharsets.UTF_8.newEncoder().canEncode(login) // Half a pair would become another's "?".
                && login.chars().noneMatch(Character::isISOControl);
    }
}
