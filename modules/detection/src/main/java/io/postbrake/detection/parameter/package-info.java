/**
 * Reads values of the configuration by their keys and checks each: what a detector or a decision is configured by stands
 * beside it, and this is how it is read.
 */
@NullMarked
package io.postbrake.detection.parameter;

import org.jspecify.annotations.NullMarked;
