/**
 * The brake on very many blocks at once. The fleet counts the blocks that begin and pulls it; every partition of subjects
 * learns of it by one more input in order.
 */
@NullMarked
package io.postbrake.detection.brake;

import org.jspecify.annotations.NullMarked;
