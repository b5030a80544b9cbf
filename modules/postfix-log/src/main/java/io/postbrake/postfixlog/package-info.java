/** Bytes of a log line to a typed event: header, stamps, and the shapes of Postfix's texts. Nothing is null that does not say so. */
@NullMarked
package io.postbrake.postfixlog;

import org.jspecify.annotations.NullMarked;
