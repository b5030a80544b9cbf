package io.postbrake.postfixsource;

/**
 * The mail host that a log is of.
 *
 * @param id in every event, unique in the fleet
 * @param label by what name people know it where its id is a machine's, as a pod's is; null: by its id
 */
record LogHost(String id, String label) {}
