package io.postbrake.replay;

import io.postbrake.event.MailEvent;

/** How many lines a replay has read, and how many of them say nothing. */
final class LinesRead {

    long lines;
    long unparsed;
    long foreign;

    void add(MailEvent line) {
        lines++;
        unparsed += line.getKind().equals("unparsed") ? 1 : 0;
        foreign += line.getKind().equals("not_postfix") ? 1 : 0;
    }
}
