package io.postbrake.simulator;

/**
 * Something that people are to be told of, and that nobody's mail is to be stopped for.
 *
 * @param kind stable kebab-case name
 * @param subjectKey whom the alert is about
 * @param start milliseconds since 1970
 * @param end when it is over
 */
record Mishap(String kind, String subjectKey, long start, long end) {}
