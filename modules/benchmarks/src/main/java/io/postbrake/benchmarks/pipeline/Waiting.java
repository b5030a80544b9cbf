package io.postbrake.benchmarks.pipeline;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Waits for processes, and for nothing longer than five minutes. */
final class Waiting {
    static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(5);

    private Waiting() {}

    /** What may hold by now. */
    interface Condition {
        boolean holds() throws IOException;
    }

    /** Processor seconds so far. */
    interface Cpu {
        double seconds() throws IOException;
    }

    /** Until it holds, looking every {@code millis}. */
    static void until(String what, int millis, Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_NS;
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited in vain for " + what);
            }
            TimeUnit.MILLISECONDS.sleep(millis);
        }
    }

    /** Until next to nothing is done for two seconds. */
    static void calm(String who, Cpu cpu) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_NS;
        int calm = 0;
        while (calm < 2) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(who + " never came to rest");
            }
            double before = cpu.seconds();
            TimeUnit.SECONDS.sleep(1);
            calm = cpu.seconds() - before < 0.3 ? calm + 1 : 0;
        }
    }
}
