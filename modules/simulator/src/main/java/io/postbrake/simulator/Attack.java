package io.postbrake.simulator;

/**
 * One stolen account in one campaign.
 *
 * @param number index in the script, as the actions state it
 * @param start milliseconds since 1970 of the thief's first message
 * @param end of the thief's last message
 * @param recipients how many the thief means to reach
 */
record Attack(int number, AttackKind kind, String account, long start, long end, long recipients) {}
