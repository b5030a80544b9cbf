/**
 * {@code postbrake bench}: what a line costs on its way from the log to the map, as one process and as the four of a fleet,
 * beside another commit and beside what else people run, in one run.
 */
@NullMarked
package io.postbrake.benchmarks.pipeline;

import org.jspecify.annotations.NullMarked;
