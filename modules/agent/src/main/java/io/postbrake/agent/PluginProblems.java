package io.postbrake.agent;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/** What running plugins say is wrong with what they work on; Connect itself only knows whether they run. */
final class PluginProblems {

    private static final String ATTRIBUTE = "problem.text";

    private PluginProblems() {}

    /** A sentence each; empty when all is well. */
    static List<String> all() {
        List<String> result = new ArrayList<>();
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        try {
            for (ObjectName name : beans.queryNames(new ObjectName("kafka.connect:type=plugins,*"), null)) {
                add(beans, name, result);
            }
        } catch (MalformedObjectNameException e) {
            throw new IllegalStateException("the pattern is none", e);
        }
        return result;
    }

    private static void add(MBeanServer beans, ObjectName name, List<String> to) {
        try {
            Object text = beans.getAttribute(name, ATTRIBUTE);
            if (text instanceof String sentences && !sentences.isBlank()) {
                to.addAll(sentences.lines().toList());
            }
        } catch (JMException e) {
            // Another plugin's, or it ended this moment.
            return;
        }
    }
}
