package io.postbrake.policyserver;

/**
 * Milliseconds since 1970 that go forward evenly, whatever is done to the machine's clock while this runs. After a restart
 * they go on from the clock, or from what was counted last when that is later.
 */
final class SteadyTime {

    private final long base;
    private final long began = System.nanoTime();

    /** @param notBefore what was counted last, in milliseconds since 1970 */
    SteadyTime(long notBefore) {
        base = Math.max(System.currentTimeMillis(), notBefore);
    }

    long now() {
        return base + (System.nanoTime() - began) / 1_000_000;
    }
}
