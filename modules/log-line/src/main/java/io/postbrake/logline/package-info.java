/** The bytes of one log line, to be read in place, whichever program wrote it. Nothing is null that does not say so. */
@NullMarked
package io.postbrake.logline;

import org.jspecify.annotations.NullMarked;
