package io.postbrake.policyserver;

import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The numbers of a policy server in JMX, as the agent's other numbers are; {@code docs/metrics.md} says what they mean. */
final class PolicyBean implements DynamicMBean, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PolicyBean.class);

    private final Map<String, LongSupplier> numbers = new LinkedHashMap<>();
    private final ObjectName name;

    private PolicyBean(PolicyServer server, ObjectName name) {
        this.name = name;
        PolicyMetrics metrics = server.metrics();
        numbers.put("questions.total", metrics.questions::sum);
        numbers.put("over.total", metrics.over::sum);
        numbers.put("blocked.total", metrics.blocked::sum);
        numbers.put("shed.total", metrics.shed::sum);
        numbers.put("broken.total", metrics.broken::sum);
        numbers.put("failed.total", metrics.failed::sum);
        numbers.put("dropped.total", metrics.dropped::sum);
        numbers.put("connections", metrics.connections::get);
        numbers.put("subjects", server::subjects);
        numbers.put("elsewhere", server::subjectsElsewhere);
        numbers.put("alone", () -> server.isAlone() ? 1 : 0);
        numbers.put("problems", () -> server.problems().size());
    }

    /** Shows the numbers of a server, in place of those of an earlier one in this process. */
    static PolicyBean show(PolicyServer server) {
        try {
            var bean = new PolicyBean(server, new ObjectName("io.postbrake:type=policy-server"));
            var beans = ManagementFactory.getPlatformMBeanServer();
            if (beans.isRegistered(bean.name)) {
                beans.unregisterMBean(bean.name);
            }
            beans.registerMBean(bean, bean.name);
            return bean;
        } catch (JMException e) {
            throw new IllegalStateException("cannot show numbers", e);
        }
    }

    @Override
    public Object getAttribute(String attribute) throws AttributeNotFoundException {
        LongSupplier number = numbers.get(attribute);
        if (number == null) {
            throw new AttributeNotFoundException(attribute);
        }
        return number.getAsLong();
    }

    @Override
    public AttributeList getAttributes(String[] attributes) {
        var result = new AttributeList();
        for (String attribute : attributes) {
            LongSupplier number = numbers.get(attribute);
            if (number != null) {
                result.add(new Attribute(attribute, number.getAsLong()));
            }
        }
        return result;
    }

    @Override
    public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
        throw new AttributeNotFoundException(attribute.getName() + " is only read");
    }

    @Override
    public AttributeList setAttributes(AttributeList attributes) {
        return new AttributeList();
    }

    @Override
    public Object invoke(String action, Object[] arguments, String[] signature) {
        throw new UnsupportedOperationException(action);
    }

    @Override
    public MBeanInfo getMBeanInfo() {
        MBeanAttributeInfo[] attributes = numbers.keySet().stream()
                .map(each -> new MBeanAttributeInfo(each, "long", each, true, false, false))
                .toArray(MBeanAttributeInfo[]::new);
        return new MBeanInfo(PolicyServer.class.getName(), "the policy server", attributes, null, null, null);
    }

    @Override
    public void close() {
        try {
            ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
        } catch (JMException e) {
            LOG.debug("Another server's numbers are shown: {}", e.getMessage());
        }
    }
}
