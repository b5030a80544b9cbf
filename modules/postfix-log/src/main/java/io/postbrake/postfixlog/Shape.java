package io.postbrake.postfixlog;

/** What became of a line's text. */
enum Shape {
    /** It is one of the shapes that Postfix is known to write. */
    READ,
    /** It begins like one and does not go on like it: cut, or damaged. */
    BROKEN,
    /** No known shape. */
    UNKNOWN
}
