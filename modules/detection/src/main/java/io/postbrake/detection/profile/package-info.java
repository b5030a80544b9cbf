/**
 * What is remembered of one subject: where its mail comes from, how much and how it sends, and who failed to log in. Each
 * class keeps one kind of memory, bounded and the same for any order of arrival within the lateness.
 */
@NullMarked
package io.postbrake.detection.profile;

import org.jspecify.annotations.NullMarked;
