package io.postbrake.detection;

import io.postbrake.detection.runtime.Stores;
import io.postbrake.state.SubjectState;
import java.nio.ByteBuffer;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Each subject's state as a store has it. Most states are written very often and looked at never: so one is read back when
 * somebody asks for it, and then it is the asker's own.
 */
final class KeptStates extends AbstractMap<String, SubjectState> {
    private final Map<String, Kept> kept = new TreeMap<>();

    /**
     * One of them.
     *
     * @param bytes what a store keeps, or null while the detection's own is what counts
     * @param owned the state as the detection has it, which changes it in place, or null when the bytes count
     */
    private record Kept(ByteBuffer bytes, SubjectState owned) {
        ByteBuffer stored() {
            return owned == null ? bytes.duplicate() : Stores.bytes(owned);
        }
    }

    /** From now on it is kept as these bytes. */
    void putBytes(String key, ByteBuffer bytes) {
        kept.put(key, new Kept(bytes, null));
    }

    /** From now on it is kept as the detection has it, which changes it in place. */
    void putOwned(String key, SubjectState state) {
        kept.put(key, new Kept(null, state));
    }

    /** From now on all are kept as the bytes that they have now. */
    void freeze() {
        kept.replaceAll((key, one) -> one.owned() == null ? one : new Kept(one.stored(), null));
    }

    /** Whether what is kept stays as it is while the detection goes on. */
    boolean frozen(String key) {
        Kept one = kept.get(key);
        return one == null || one.owned() == null;
    }

    /** No bytes of none. */
    ByteBuffer bytes(String key) {
        Kept one = kept.get(key);
        return one == null ? Stores.bytes(null) : one.stored();
    }

    @Override
    public SubjectState get(Object key) {
        Kept one = kept.get(key);
        return one == null ? null : Stores.read(one.stored());
    }

    @Override
    public SubjectState put(String key, SubjectState state) {
        SubjectState before = get(key);
        putBytes(key, Stores.bytes(state));
        return before;
    }

    @Override
    public SubjectState remove(Object key) {
        Kept one = kept.remove(key);
        return one == null ? null : Stores.read(one.stored());
    }

    @Override
    public boolean containsKey(Object key) {
        return kept.containsKey(key);
    }

    @Override
    public Set<String> keySet() {
        return kept.keySet();
    }

    @Override
    public Set<Entry<String, SubjectState>> entrySet() {
        Map<String, SubjectState> read = new TreeMap<>();
        kept.forEach((key, one) -> read.put(key, Stores.read(one.stored())));
        return read.entrySet();
    }
}
