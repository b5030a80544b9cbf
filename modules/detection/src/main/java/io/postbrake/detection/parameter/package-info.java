/**
 * Reads values of the configuration by their keys and checks each: what a detector or a decision is configured by stands
 * beside it, and this is how it is read.
 */
package io.postbrake.detection.parameter;
