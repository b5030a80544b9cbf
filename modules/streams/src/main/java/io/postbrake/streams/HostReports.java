package io.postbrake.streams;

import io.postbrake.block.EnforcementReport;
import java.time.Duration;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Keeps what hosts said of their enforcement, for whoever looks: how each host is, its newest refusal, and which blocks are in
 * its map. Bounded by number, the newest are kept, and by age.
 */
public final class HostReports implements Processor<String, EnforcementReport, Void, Void> {

    /** Name of the store: reports by keys that begin with one of the prefixes here. */
    public static final String STORE = "enforcement-reports";

    /** Before a host's id: how it is. */
    public static final String HOST = "host" + '\0';

    /** Before a host's id: its newest refusal by a block. */
    public static final String REFUSAL = "refusal" + '\0';

    /** Before a subject's key, the block's id and the host's id: the block in the host's map. */
    public static final String BLOCK = "block" + '\0';

    static final int MOST_HOSTS = 5_000;
    static final int MOST_BLOCKS = 5_000;

    /** As long as the topic has them. */
    private static final Duration KEEP = Duration.ofDays(35);

    private static final Duration OFTEN = Duration.ofMinutes(1);

    private final Duration forgetHosts;
    private BoundedStore<EnforcementReport> hosts;
    private BoundedStore<EnforcementReport> refusals;
    private BoundedStore<EnforcementReport> blocks;

    /** {@code forgetHosts}: a host that said nothing for so long is none any more. */
    HostReports(Duration forgetHosts) {
        this.forgetHosts = forgetHosts;
    }

    /** What the keys of blocks of a subject begin with. */
    public static String blocksOf(String subjectKey) {
        return BLOCK + subjectKey + '\0';
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        ReadableStore<EnforcementReport> store = ReadableStore.of(STORE, context);
        hosts = new BoundedStore<>(store, HOST, MOST_HOSTS, HostReports::at);
        refusals = new BoundedStore<>(store, REFUSAL, MOST_HOSTS, HostReports::at);
        blocks = new BoundedStore<>(store, BLOCK, MOST_BLOCKS, HostReports::at);
        context.schedule(OFTEN, PunctuationType.WALL_CLOCK_TIME, now -> {
            hosts.forgetBefore(now - forgetHosts.toMillis());
            refusals.forgetBefore(now - KEEP.toMillis());
            blocks.forgetBefore(now - KEEP.toMillis());
        });
    }

    @Override
    public void process(Record<String, EnforcementReport> record) {
        EnforcementReport report = record.value();
        if (report.getKind().equals("host") && report.getEndedAt() != null) {
            hosts.remove(HOST + report.getHostId());
            refusals.remove(REFUSAL + report.getHostId());
        } else if (report.getKind().equals("host")) {
            hosts.put(HOST + report.getHostId(), report, at(report));
        } else if (report.getKind().equals("block")) {
            block(report);
        }
    }

    private void block(EnforcementReport report) {
        String key = blocksOf(report.getSubjectType() + ":" + report.getSubject())
                + (report.getBlockId() == null ? "operator" : report.getBlockId())
                + '\0'
                + report.getHostId();
        if (report.getLiftedAt() == null) {
            blocks.put(key, report, at(report));
        } else {
            blocks.remove(key);
        }
        String host = REFUSAL + report.getHostId();
        if (report.getRefusedAt() != null && isNewer(report, refusals.get(host))) {
            refusals.put(host, report, at(report));
        }
    }

    private static boolean isNewer(EnforcementReport refusal, EnforcementReport knownOrNull) {
        return knownOrNull == null || !refusal.getRefusedAt().isBefore(knownOrNull.getRefusedAt());
    }

    private static long at(EnforcementReport report) {
        return report.getAt().toEpochMilli();
    }
}
