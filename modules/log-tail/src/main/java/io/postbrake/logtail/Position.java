package io.postbrake.logtail;

/**
 * A place in a log.
 *
 * @param sourceId identity of the text: the log's path and its file's first line, hashed
 * @param generation how many other texts of this log, begun before this one, have the same first line
 * @param offset byte offset of a line in the uncompressed text
 */
public record Position(String sourceId, long generation, long offset) {}
