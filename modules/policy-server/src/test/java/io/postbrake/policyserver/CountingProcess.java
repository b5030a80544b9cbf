package io.postbrake.policyserver;

import io.postbrake.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Map;

/** A policy server in a process of its own, to be killed: {@code DIRECTORY LIMIT [ADDRESS]}. */
final class CountingProcess {

    private CountingProcess() {}

    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[0]);
        var server = start(dir, args[1], args.length > 2 ? args[2] : "unix:" + dir.resolve("policy"));
        System.out.println("answering");
        Thread.currentThread().join();
        server.close();
    }

    static PolicyServer start(Path dir, String limit) throws IOException {
        return start(dir, limit, "unix:" + dir.resolve("policy"));
    }

    private static PolicyServer start(Path dir, String limit, String address) throws IOException {
        String group =
                Files.readAttributes(dir, PosixFileAttributes.class).group().getName();
        var config = PolicyServerConfig.of(Settings.of(Map.of(
                "quotas",
                Map.of("listen", address, "socket.group", group, "limits", Map.of("login.messages", limit)))));
        return PolicyServer.start(config, dir.resolve("state"));
    }
}
