package io.postbrake.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** What the broker in this JVM counts: requests by kind, and open connections. */
final class RequestCount {

    private static final MBeanServer BEANS = ManagementFactory.getPlatformMBeanServer();
    /** Fetches once more by their kind, and what the broker asks of itself as its own controller. */
    private static final Set<String> OTHERS = Set.of("FetchConsumer", "FetchFollower", "BrokerHeartbeat");

    private RequestCount() {}

    /** Requests of clients since the broker's start, by Kafka's name of the request. */
    static Map<String, Long> requests() throws JMException {
        Map<String, Long> result = new TreeMap<>();
        for (ObjectName name :
                BEANS.queryNames(new ObjectName("kafka.network:type=RequestMetrics,name=RequestsPerSec,*"), null)) {
            if (!OTHERS.contains(name.getKeyProperty("request"))) {
                result.merge(name.getKeyProperty("request"), (Long) BEANS.getAttribute(name, "Count"), Long::sum);
            }
        }
        return result;
    }

    /** What came on top of {@code before}. */
    static Map<String, Long> since(Map<String, Long> before) throws JMException {
        Map<String, Long> result = requests();
        before.forEach((request, count) -> result.merge(request, -count, Long::sum));
        result.values().removeIf(count -> count == 0);
        return result;
    }

    /** Connections of clients that are open now. */
    static long connections() throws JMException {
        double sum = 0;
        for (ObjectName name : BEANS.queryNames(
                new ObjectName("kafka.server:type=socket-server-metrics,listener=CLIENTS,networkProcessor=*"), null)) {
            sum += (Double) BEANS.getAttribute(name, "connection-count");
        }
        return Math.round(sum);
    }
}
