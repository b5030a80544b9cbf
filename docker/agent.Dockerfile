# The mail host's agent, on a host, in each node or beside Postfix in a pod. `./postbrake images` builds the archive and then the image, with buildah or docker.
# The base that runs it and the JDK that makes its Java can be given by digest; both need the same C library.
ARG JDK=eclipse-temurin:17-jdk
ARG BASE=debian:12-slim
FROM ${JDK} AS build
COPY modules/agent/target/postbrake-agent-*-dist.tar.gz /tmp/agent.tar.gz
RUN mkdir -p /opt/postbrake-agent && tar -xzf /tmp/agent.tar.gz -C /opt/postbrake-agent --strip-components=1
# Only the modules that the agent uses.
RUN jlink --add-modules java.base,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.security.sasl,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.naming.dns,jdk.security.auth,jdk.unsupported,jdk.zipfs \
      --strip-debug --no-man-pages --no-header-files --compress=2 --output /opt/java
# Some jars bring their native library for each system there is; here one is enough. Files in a fixed order with a fixed time: built twice, the same.
RUN case "$(uname -m)" in x86_64) here='amd64\|x86_64' ;; aarch64) here='aarch64' ;; *) exit 0 ;; esac; set -e; \
    for jar in /opt/postbrake-agent/lib/zstd-jni-*.jar /opt/postbrake-agent/lib/snappy-java-*.jar /opt/postbrake-agent/lib/lz4-java-*.jar \
      /opt/postbrake-agent/lib/jffi-*-native.jar /opt/postbrake-agent/lib/lmdbjava-*.jar; do \
      mkdir /tmp/jar; cd /tmp/jar; jar -xf "$jar"; \
      find . -type f \( -name '*.so' -o -name '*.dll' -o -name '*.dylib' -o -name '*.jnilib' -o -name '*.a' \) \
        | grep -iv "linux/\($here\)/\|/\($here\)-linux" | xargs rm -f; \
      test -n "$(find . -name '*.so')"; \
      find . -type f | LC_ALL=C sort > /tmp/files; find . -exec touch -d @1795478400 {} +; \
      rm "$jar"; TZ=UTC jar -cMf "$jar" @/tmp/files; cd /; rm -r /tmp/jar /tmp/files; \
    done
# Archives of classes know these files by their times, and an image that can be built again has one time for all.
RUN find /opt/java /opt/postbrake-agent -exec touch -h -d @1795478400 {} +
RUN /opt/java/bin/java -Xshare:dump
# Classes are mapped from an archive instead of being parsed at each start: an agent that finds no broker loads nearly all.
RUN printf '%s\n' 'host.id: warm-up' 'kafka: {bootstrap.servers: "127.0.0.1:1"}' 'registry: {url: "http://127.0.0.1:1"}' \
      'state.dir: /tmp/agent' 'source: {log.paths: [/tmp/mail.log]}' 'enforcer: {policy.map.path: /tmp/map/blocked.lmdb}' > /tmp/agent.yaml \
 && mkdir -p /tmp/map && touch /tmp/mail.log \
 && JAVA_HOME=/opt/java JAVA_OPTS=-XX:ArchiveClassesAtExit=/opt/postbrake-agent/lib/agent.jsa \
      timeout --preserve-status 10 /opt/postbrake-agent/bin/postbrake-agent --config /tmp/agent.yaml; \
    test -s /opt/postbrake-agent/lib/agent.jsa
# The archives are a layer of their own: the others are the same in each build.
RUN mkdir -p /opt/archives/java/lib/server /opt/archives/postbrake-agent/lib \
 && mv /opt/java/lib/server/classes*.jsa /opt/archives/java/lib/server/ && mv /opt/postbrake-agent/lib/agent.jsa /opt/archives/postbrake-agent/lib/

FROM ${BASE}
COPY --from=build /opt/java /opt/java
COPY --from=build /opt/postbrake-agent /opt/postbrake-agent
COPY --from=build /opt/archives/ /opt/
ENV JAVA_HOME=/opt/java
LABEL org.opencontainers.image.title="postbrake-agent" org.opencontainers.image.licenses="Apache-2.0"
USER 65532:65532
ENTRYPOINT ["/opt/postbrake-agent/bin/postbrake-agent"]
