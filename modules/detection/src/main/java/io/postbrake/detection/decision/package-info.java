/**
 * Decides: a subject's state and one input go in, its new state, findings, alerts and block come out. Accounts and addresses,
 * networks and the fleet each have their own way through.
 */
@NullMarked
package io.postbrake.detection.decision;

import org.jspecify.annotations.NullMarked;
