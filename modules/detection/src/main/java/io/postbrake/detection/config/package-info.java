/**
 * What an operator sets, all together: the detectors set up, block lengths and allow-lists, checked when they are read. A
 * configuration that was put in place at run time stands over the file's.
 */
@NullMarked
package io.postbrake.detection.config;

import org.jspecify.annotations.NullMarked;
