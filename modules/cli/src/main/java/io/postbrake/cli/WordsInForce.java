package io.postbrake.cli;

import io.postbrake.block.OperatorOverride;
import io.postbrake.subject.Logins;
import io.postbrake.wire.OperatorNotes;
import java.util.Map;
import java.util.TreeMap;

/** Operators' words by whom they are about: earlier builds and older tools named an account by another key than today's. */
final class WordsInForce {

    private static final String ACCOUNT = "sasl_user:";

    private WordsInForce() {}

    /** The newest word of each subject, by the key that records have today; without notes. */
    static Map<String, OperatorOverride> of(Map<String, OperatorOverride> byKey) {
        Map<String, OperatorOverride> result = new TreeMap<>();
        byKey.forEach((key, word) -> {
            if (OperatorNotes.subject(key).isEmpty()) {
                result.merge(today(key), word, (one, other) -> other.getAt().isAfter(one.getAt()) ? other : one);
            }
        });
        return result;
    }

    private static String today(String key) {
        return key.startsWith(ACCOUNT) ? ACCOUNT + Logins.fold(key.substring(ACCOUNT.length())) : key;
    }
}
