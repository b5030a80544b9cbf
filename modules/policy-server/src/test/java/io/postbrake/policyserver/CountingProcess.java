package io.postbrake.policyserver;

import io.postbrake.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Map;

/** A policy server in a process of its own, to be killed: {@code DIRECTORY LIMIT}. */
final class CountingProcess {

    private CountingProcess() {}

    public static void main(String[] args) throws Exception {
        var server = start(Path.of(args[0]), args[1]);
        System.out.println("answering");
        Thread.currentThread().join();
        server.close();
    }

    static PolicyServer start(Path dir, String limit) throws IOException {
        String group =
                Files.readAttributes(dir, PosixFileAttributes.class).group().getName();
        var config = PolicyServerConfig.of(Settings.of(Map.of(
                "quotas",
                Map.of(
                        "listen",
                        "unix:" + dir.resolve("policy"),
                        "socket.group",
                        group,
                        "limits",
                        Map.of("login.messages", limit)))));
        return PolicyServer.start(config, dir.resolve("state"));
    }
}
