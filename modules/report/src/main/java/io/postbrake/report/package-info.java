/** What the mail of some days looks like to the detection, for a person who decides whether it is to act. */
@NullMarked
package io.postbrake.report;

import org.jspecify.annotations.NullMarked;
