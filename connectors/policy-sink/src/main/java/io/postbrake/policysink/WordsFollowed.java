package io.postbrake.policysink;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Holds back that a table follows an operator's word while others have not been written yet: an address that was allowed
 * stays blocked until the range around it is told so too. Everything else is told at once.
 */
final class WordsFollowed implements Enforcement.Told {

    private final Map<String, Followed> waiting = new LinkedHashMap<>();
    private Enforcement.Told told = new Enforcement.Told() {};

    private record Followed(Wanted word, String keptOutOrNull) {}

    void tell(Enforcement.Told to) {
        told = to;
    }

    /** Tells of all words but those on a subject whose other tables are {@code open}. */
    void followedUnless(Predicate<String> open) {
        waiting.entrySet().removeIf(each -> {
            if (open.test(each.getKey())) {
                return false;
            }
            told.followed(each.getKey(), each.getValue().word(), each.getValue().keptOutOrNull());
            return true;
        });
    }

    @Override
    public void inForce(String recordKey, Wanted block, boolean restored) {
        told.inForce(recordKey, block, restored);
    }

    @Override
    public void stands(String recordKey, Wanted block) {
        told.stands(recordKey, block);
    }

    @Override
    public void behind(String recordKey, Wanted block) {
        told.behind(recordKey, block);
    }

    @Override
    public void keptOut(String recordKey, Wanted block, String why) {
        told.keptOut(recordKey, block, why);
    }

    @Override
    public void gone(String recordKey) {
        told.gone(recordKey);
    }

    @Override
    public void followed(String recordKey, Wanted word, String keptOutOrNull) {
        waiting.put(recordKey, new Followed(word, keptOutOrNull));
    }
}
