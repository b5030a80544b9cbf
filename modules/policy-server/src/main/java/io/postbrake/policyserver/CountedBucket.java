package io.postbrake.policyserver;

/**
 * What was counted within a sixtieth of a window.
 *
 * @param window its length in milliseconds
 * @param at when the bucket begins, in milliseconds since 1970
 */
public record CountedBucket(long window, long at, int messages, int recipients) {}
