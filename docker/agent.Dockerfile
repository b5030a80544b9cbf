# The mail host's agent. Build the archive first (mvn package), then, from the repository's root:
#   docker build -f docker/agent.Dockerfile -t postbrake/agent:0.1.0 .
FROM eclipse-temurin:17-jdk AS build
COPY modules/agent/target/postbrake-agent-*-dist.tar.gz /tmp/agent.tar.gz
RUN mkdir /opt/postbrake-agent && tar -xzf /tmp/agent.tar.gz -C /opt/postbrake-agent --strip-components=1
# Only the modules that the agent uses.
RUN jlink --add-modules java.base,java.desktop,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.security.sasl,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.naming.dns,jdk.security.auth,jdk.unsupported,jdk.zipfs \
      --strip-debug --no-man-pages --no-header-files --compress=2 --output /opt/java
RUN /opt/java/bin/java -Xshare:dump
# Classes are mapped from an archive instead of being parsed at each start: an agent that finds no broker loads nearly all.
RUN printf '%s\n' 'host.id: warm-up' 'kafka: {bootstrap.servers: "127.0.0.1:1"}' 'registry: {url: "http://127.0.0.1:1"}' \
      'state.dir: /tmp/agent' 'source: {log.paths: [/tmp/mail.log]}' 'enforcer: {policy.map.path: /tmp/map/blocked.lmdb}' > /tmp/agent.yaml \
 && mkdir -p /tmp/map && touch /tmp/mail.log \
 && JAVA_HOME=/opt/java JAVA_OPTS=-XX:ArchiveClassesAtExit=/opt/postbrake-agent/lib/agent.jsa \
      timeout --preserve-status 10 /opt/postbrake-agent/bin/postbrake-agent --config /tmp/agent.yaml; \
    test -s /opt/postbrake-agent/lib/agent.jsa

FROM debian:12-slim
COPY --from=build /opt/java /opt/java
COPY --from=build /opt/postbrake-agent /opt/postbrake-agent
ENV JAVA_HOME=/opt/java
USER 65532:65532
ENTRYPOINT ["/opt/postbrake-agent/bin/postbrake-agent"]
