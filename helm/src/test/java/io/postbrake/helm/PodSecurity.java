package io.postbrake.helm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.TreeSet;

/** What a workload asks for beyond the Kubernetes Pod Security Standard "restricted". */
final class PodSecurity {

    private PodSecurity() {}

    static Set<String> looser(JsonNode document) {
        Set<String> found = new TreeSet<>();
        JsonNode spec = document.at("/spec/template/spec");
        if (spec.isMissingNode()) {
            spec = document.at("/spec/jobTemplate/spec/template/spec");
        }
        if (spec.isMissingNode()) {
            return found;
        }
        for (String host : new String[] {"hostNetwork", "hostPID", "hostIPC"}) {
            if (spec.path(host).asBoolean()) {
                found.add(host);
            }
        }
        JsonNode pod = spec.path("securityContext");
        if (!pod.at("/seccompProfile/type").asText().equals("RuntimeDefault")) {
            found.add("seccomp");
        }
        for (JsonNode volume : spec.path("volumes")) {
            if (volume.has("hostPath")) {
                found.add("hostPath " + volume.path("name").asText());
            }
        }
        for (String kind : new String[] {"containers", "initContainers"}) {
            for (JsonNode container : spec.path(kind)) {
                String name = container.path("name").asText();
                JsonNode own = container.path("securityContext");
                boolean nonRoot = own.path("runAsNonRoot")
                        .asBoolean(pod.path("runAsNonRoot").asBoolean());
                if (!nonRoot) {
                    found.add("root " + name);
                }
                if (own.path("allowPrivilegeEscalation").asBoolean(true)) {
                    found.add("escalation " + name);
                }
                if (own.path("privileged").asBoolean()) {
                    found.add("privileged " + name);
                }
                if (!own.at("/capabilities/drop/0").asText().equals("ALL")) {
                    found.add("capabilities " + name);
                }
                own.at("/capabilities/add").forEach(c -> found.add("adds " + c.asText() + " " + name));
            }
        }
        return found;
    }
}
