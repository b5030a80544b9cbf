package io.postbrake.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Operations for each second of processor time of the whole process, collector and compiler included: unlike operations a
 * second it does not fall when somebody else uses the machine.
 */
public final class CpuProfiler implements InternalProfiler {

    /** Name of the result. */
    public static final String LABEL = "cpu.ops";

    private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private long before;

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        before = system.getProcessCpuTime();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        double seconds = (system.getProcessCpuTime() - before) / 1e9;
        double pace = result.getMetadata().getAllOps() / seconds;
        return List.of(new ScalarResult(LABEL, pace, "ops/cpu-s", AggregationPolicy.AVG));
    }

    @Override
    public String getDescription() {
        return "operations for each second of processor time";
    }
}
