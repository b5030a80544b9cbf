package io.postbrake.postfixlog;

import java.time.Instant;

/**
 * Where a line came from.
 *
 * @param hostId id of the mail host, configured
 * @param sourceId identity of the log
 * @param generation truncation count of the log
 * @param position byte offset of the line
 * @param readAt when it was read
 */
public record LineOrigin(String hostId, String sourceId, long generation, long position, Instant readAt) {}
