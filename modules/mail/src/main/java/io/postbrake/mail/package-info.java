/** Mail that Postbrake itself sends. What is in a header is its own; what strangers wrote stands in bodies, made harmless. */
@NullMarked
package io.postbrake.mail;

import org.jspecify.annotations.NullMarked;
