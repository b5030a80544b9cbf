package io.postbrake.policysink;

import io.postbrake.logtail.JournalSelection;
import io.postbrake.logtail.LogPattern;
import io.postbrake.logtail.LogZones;
import io.postbrake.postfixlog.envelope.Envelopes;
import java.util.List;

/**
 * The logs of a host and how they are read.
 *
 * @param files its log files
 * @param zones of stamps that have none
 * @param envelopes what stands around the files' lines
 * @param journal the journal; null when it is not read
 */
record HostLogs(List<LogPattern> files, LogZones zones, Envelopes envelopes, JournalSelection journal) {

    HostLogs {
        files = List.copyOf(files);
    }
}
