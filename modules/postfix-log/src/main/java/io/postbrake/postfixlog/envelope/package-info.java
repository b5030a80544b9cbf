/** What is wrapped around log lines by what carried them, and how it is taken off. Nothing is null that does not say so. */
@NullMarked
package io.postbrake.postfixlog.envelope;

import org.jspecify.annotations.NullMarked;
