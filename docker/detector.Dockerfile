# Detector and command line. Build the archive first (mvn package), then, from the repository's root:
#   docker build -f docker/detector.Dockerfile -t postbrake/detector:0.1.0 .
FROM eclipse-temurin:17-jdk AS build
COPY modules/cli/target/postbrake-cli-*-dist.tar.gz /tmp/postbrake.tar.gz
RUN mkdir /opt/postbrake && tar -xzf /tmp/postbrake.tar.gz -C /opt/postbrake --strip-components=1
RUN jlink --add-modules java.base,java.desktop,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.security.sasl,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.naming.dns,jdk.security.auth,jdk.unsupported,jdk.zipfs \
      --strip-debug --no-man-pages --no-header-files --compress=2 --output /opt/java
RUN /opt/java/bin/java -Xshare:dump
# Classes are mapped from an archive instead of being parsed at each start. The demo runs all parts, on a broker of its own.
RUN JAVA_HOME=/opt/java JAVA_OPTS=-XX:ArchiveClassesAtExit=/opt/postbrake/lib/postbrake.jsa /opt/postbrake/bin/postbrake demo \
 && test -s /opt/postbrake/lib/postbrake.jsa

FROM debian:12-slim
COPY --from=build /opt/java /opt/java
COPY --from=build /opt/postbrake /opt/postbrake
ENV JAVA_HOME=/opt/java
USER 65532:65532
ENTRYPOINT ["/opt/postbrake/bin/postbrake"]
