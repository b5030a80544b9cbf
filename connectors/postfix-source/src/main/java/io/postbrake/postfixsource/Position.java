package io.postbrake.postfixsource;

/**
 * A place in a log.
 *
 * @param sourceId identity of the file: hash of its first line, and its inode
 * @param generation how often the file was truncated while it was read
 * @param offset byte offset of the next line
 */
record Position(String sourceId, long generation, long offset) {}
