package io.postbrake.detection.profile;

import io.postbrake.detection.subject.StableIds;

/** Hashes of envelope senders, those that keep coming remembered. Not for several threads. */
final class SenderHash {
    private static final int PLACES = 1 << 12;
    private static final ThreadLocal<SenderHash> OWN = ThreadLocal.withInitial(SenderHash::new);

    private final String[] senders = new String[PLACES];
    private final long[] hashes = new long[PLACES];

    private SenderHash() {}

    static long of(String sender) {
        return OWN.get().hash(sender);
    }

    private long hash(String sender) {
        int spread = sender.hashCode() * 0x9E3779B1;
        int place = spread >>> 20;
        if (!sender.equals(senders[place])) {
            hashes[place] = StableIds.of("sender", sender).getMostSignificantBits();
            senders[place] = sender;
        }
        return hashes[place];
    }
}
