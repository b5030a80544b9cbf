/**
 * Who is judged, and when: the keys of accounts, addresses, networks and the fleet, phases of submissions, stable ids, and event time in the
 * whole minutes, hours and days that profiles count in.
 */
@NullMarked
package io.postbrake.detection.subject;

import org.jspecify.annotations.NullMarked;
