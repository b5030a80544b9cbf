/**
 * Notices hosts on which blocks may not be in force: silent ones, ones that cannot write, and ones that do not confirm in
 * time.
 */
@NullMarked
package io.postbrake.detection.hosts;

import org.jspecify.annotations.NullMarked;
