/**
 * Puts the events of one host together to submissions: which login, from where, to how many, and what became of the
 * message. Sessions are joined by process, messages by queue id.
 */
@NullMarked
package io.postbrake.detection.correlation;

import org.jspecify.annotations.NullMarked;
