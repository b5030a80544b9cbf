# Detector and command line. `./postbrake images` builds the archive and then the image, with buildah or docker.
# The base that runs it and the JDK that makes its Java can be given by digest; both need the same C library.
ARG JDK=eclipse-temurin:17-jdk
ARG BASE=debian:12-slim
FROM ${JDK} AS build
COPY modules/cli/target/postbrake-cli-*-dist.tar.gz /tmp/postbrake.tar.gz
RUN mkdir -p /opt/postbrake && tar -xzf /tmp/postbrake.tar.gz -C /opt/postbrake --strip-components=1
# Only the modules that the detector uses.
RUN jlink --add-modules java.base,java.desktop,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.security.sasl,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.naming.dns,jdk.security.auth,jdk.unsupported,jdk.zipfs \
      --strip-debug --no-man-pages --no-header-files --compress=2 --output /opt/java
# Archives of classes know these files by their times, and an image that can be built again has one time for all.
RUN find /opt/java /opt/postbrake -exec touch -h -d @1795478400 {} +
RUN /opt/java/bin/java -Xshare:dump
# Classes are mapped from an archive instead of being parsed at each start. The demo runs all parts, on a broker of its own.
RUN JAVA_HOME=/opt/java JAVA_OPTS=-XX:ArchiveClassesAtExit=/opt/postbrake/lib/postbrake.jsa /opt/postbrake/bin/postbrake demo \
 && test -s /opt/postbrake/lib/postbrake.jsa
# The archives are a layer of their own: the others are the same in each build.
RUN mkdir -p /opt/archives/java/lib/server /opt/archives/postbrake/lib \
 && mv /opt/java/lib/server/classes*.jsa /opt/archives/java/lib/server/ && mv /opt/postbrake/lib/postbrake.jsa /opt/archives/postbrake/lib/

FROM ${BASE}
COPY --from=build /opt/java /opt/java
COPY --from=build /opt/postbrake /opt/postbrake
COPY --from=build /opt/archives/ /opt/
ENV JAVA_HOME=/opt/java
LABEL org.opencontainers.image.title="postbrake" org.opencontainers.image.licenses="Apache-2.0"
USER 65532:65532
ENTRYPOINT ["/opt/postbrake/bin/postbrake"]
