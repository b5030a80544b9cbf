/** The whole of the detection in one JVM's memory: what replay, simulator and tests run, proved equal to the live topology. */
@NullMarked
package io.postbrake.detection.runtime;

import org.jspecify.annotations.NullMarked;
