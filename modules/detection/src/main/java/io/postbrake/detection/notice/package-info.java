/**
 * What one subject tells another that is no opinion: an account the fleet and its network, the fleet an account or all
 * partitions. On the topic of findings, and in states, it has the form of a finding that weighs nothing.
 */
@NullMarked
package io.postbrake.detection.notice;

import org.jspecify.annotations.NullMarked;
