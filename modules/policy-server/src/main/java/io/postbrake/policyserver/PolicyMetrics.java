package io.postbrake.policyserver;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What the policy server did since its start. */
final class PolicyMetrics {

    final LongAdder questions = new LongAdder();
    final LongAdder over = new LongAdder();
    final LongAdder blocked = new LongAdder();
    final LongAdder shed = new LongAdder();
    final LongAdder broken = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final AtomicInteger connections = new AtomicInteger();
}
