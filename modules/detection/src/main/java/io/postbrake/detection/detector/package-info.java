/**
 * One file a detector: a pure function of a profile and an event to opinions that weigh. A detector neither changes a
 * profile nor decides; what its opinion weighs is the evidence's alone.
 */
@NullMarked
package io.postbrake.detection.detector;

import org.jspecify.annotations.NullMarked;
